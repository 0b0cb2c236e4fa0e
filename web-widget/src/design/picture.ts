/**
 * Draws a picture file into a canvas, made smaller. An `<img>` would need the page's policy to allow `blob:` pictures;
 * this needs nothing, keeps a 12-megapixel photo's memory only for the moment, and stops what moves.
 */
export async function draw(canvas: HTMLCanvasElement, file: Blob, side = 480): Promise<void> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, side / Math.min(picture.width, picture.height))
  canvas.width = Math.max(1, picture.width * scale)
  canvas.height = Math.max(1, picture.height * scale)
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
}
