/** Distinguished names (RFC 5280, 4.1.2.4): checked as OpenSSL does, read only for their common name. */
import { isUtf8 } from 'node:buffer';
import { checkOid, Der, NotDer, tag } from './der.ts';

/** UTF8, Numeric, Printable, T61, IA5, Universal and BMP strings. What else OpenSSL takes for text is for it to say. */
const textTypes = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x1c, 0x1e]);

/** @returns the bytes of the name's content. @throws NotDer */
export function checkName(parent: Der): Buffer {
  const name = parent.enter(tag.sequence);
  const bytes = name.rest();
  while (!name.isAtEnd) {
    const set = name.enter(tag.set);
    while (!set.isAtEnd) {
      const attribute = set.enter(tag.sequence);
      checkOid(attribute.enter(tag.oid));
      const type = attribute.peek();
      checkText(type, attribute.any().rest());
      attribute.close();
    }
  }
  return bytes;
}

function checkText(type: number, bytes: Buffer): void {
  if (!textTypes.has(type)) throw new NotDer('a name with something else than text');
  if (type === tag.utf8String && !isUtf8(bytes)) throw new NotDer('a UTF8String that is not UTF-8');
  if (type === bmpString && (bytes.length % 2 !== 0 || !isBasicPlane(bytes))) throw new NotDer('a BMPString that is not UCS-2');
  if (type === universalString && (bytes.length % 4 !== 0 || !isUcs4(bytes))) throw new NotDer('a UniversalString that is not UCS-4');
}

const bmpString = 0x1e;
const universalString = 0x1c;
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

function isBasicPlane(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i += 2) if (isSurrogate(bytes.readUInt16BE(i))) return false;
  return true;
}

function isUcs4(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i += 4) if (bytes.readUInt32BE(i) > 0x10ffff || isSurrogate(bytes.readUInt32BE(i))) return false;
  return true;
}

/** 2.5.4.3 */
const commonNameOid = Buffer.from([0x55, 0x04, 0x03]);

/** The last common name, which is the most specific one; "" where there is none. @param name the content of a checked name */
export function commonName(name: Buffer): string {
  let found = '';
  const sets = new Der(name);
  while (!sets.isAtEnd) {
    const set = sets.enter(tag.set);
    while (!set.isAtEnd) {
      const attribute = set.enter(tag.sequence);
      const isCommonName = attribute.enter(tag.oid).rest().equals(commonNameOid);
      const type = attribute.peek();
      const bytes = attribute.any().rest();
      if (isCommonName) found = text(type, bytes);
    }
  }
  return found;
}

function text(type: number, bytes: Buffer): string {
  if (type === bmpString) return Buffer.from(bytes).swap16().toString('utf16le');
  if (type === universalString) return Array.from({ length: bytes.length / 4 }, (_, i) => String.fromCodePoint(bytes.readUInt32BE(4 * i))).join('');
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}
