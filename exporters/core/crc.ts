/**
 * CRC-32 of two texts together from the CRC of each: what zlib's crc32_combine does, which Node.js does not expose.
 * The CRC of a text is a remainder of polynomials over GF(2); appending n bytes multiplies it by x^(8n)
 * (zlib 1.3, crc32.c, multmodp and x2nmodp).
 */

/** The reflected polynomial of gzip (RFC 1952, section 8). */
const polynomial = 0xedb88320;

/** x^(2^k) modulo the polynomial, for k from 0 to 31. */
const powers = powersOfTwo();

/** @returns the CRC of the first text followed by the second, which has `length` bytes */
export function combineCrc(first: number, second: number, length: number): number {
  let factor = 0x80000000; // 1
  let k = 3; // a byte is x^8
  for (let n = length; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) factor = multiply(powers[k & 31] ?? 0, factor);
    k++;
  }
  return (multiply(factor, first) ^ second) >>> 0;
}

/** a·b modulo the polynomial; the highest power stands in the lowest bit. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return product >>> 0;
}

function powersOfTwo(): readonly number[] {
  const found = [0x40000000]; // x^1
  for (let k = 1; k < 32; k++) {
    const last = found[k - 1] ?? 0;
    found.push(multiply(last, last));
  }
  return found;
}
