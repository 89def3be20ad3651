/**
 * Frees a buffer's memory at once. Left to the garbage collector, a mebibyte per piece makes it run for every few pieces, which takes
 * nearly as much CPU as compressing them (measured). Only for memory that nothing else looks at: every view of it is empty afterwards.
 * What may lie in Node's shared pool, or begins in the middle of something, is left alone.
 */
export function giveUp(buffer: Buffer): void {
  const memory = buffer.buffer
  if (memory instanceof ArrayBuffer && memory.byteLength > Buffer.poolSize && buffer.byteOffset === 0) memory.transfer(0)
}
