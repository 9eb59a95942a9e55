/**
 * The bytes that a zstd frame says it holds (RFC 8878, section 3.1.1.1); undefined where it does not say.
 * @throws RangeError for bytes that are too few.
 */
export function contentOf(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const about = view.getUint8(4);
  const isSingle = (about & 32) !== 0; // then there is no byte of a window
  const at = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][about & 3]!;
  const size = about >> 6;
  if (size === 0) return isSingle ? view.getUint8(at) : undefined;
  if (size === 1) return 256 + view.getUint16(at, true);
  return size === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
