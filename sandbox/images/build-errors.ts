/** What can keep an image from being built. */

export type ImageErrorCode = 'IMAGE_INPUT_MISSING' | 'IMAGE_BUNDLE_FAILED';

export class ImageError extends Error {
  readonly code: ImageErrorCode;

  /** @param what failed on which image or file, and what to do */
  constructor(code: ImageErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(what, { cause: options.cause });
    this.name = 'ImageError';
    this.code = code;
  }
}
