/** What the pictures are drawn with: shapes of SVG, and numbers by chance that are the same each time. */

export const WIDTH = 1200
export const HEIGHT = 800

/** Returns a whole picture. It is shown beside a text that describes it, so it says nothing by itself. */
export function svg(...shapes: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">${shapes.join('')}</svg>\n`
}

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${more && ` ${more}`}/>`
}

export function circle(x: number, y: number, radius: number, fill: string, more = ''): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}"${more && ` ${more}`}/>`
}

export function path(d: string, fill: string, more = ''): string {
  return `<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`
}

export function stroke(d: string, colour: string, width: number, more = ''): string {
  return path(d, 'none', `stroke="${colour}" stroke-width="${width}" stroke-linecap="round"${more && ` ${more}`}`)
}

export type Point = readonly [x: number, y: number]

export function line(points: readonly Point[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
}

export function polygon(points: readonly Point[], fill: string, more = ''): string {
  return path(`${line(points)}Z`, fill, more)
}

/** A smooth curve through the points (Catmull-Rom, as cubic Béziers). */
export function curve(points: readonly Point[]): string {
  const at = (index: number): Point => points[Math.max(0, Math.min(points.length - 1, index))] ?? [0, 0]
  const pieces = points.slice(1).map((to, index) => {
    const [before, from, after] = [at(index - 1), at(index), at(index + 2)]
    const one = [from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6]
    const two = [to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6]
    return `C${[...one, ...two, ...to].map(round).join(' ')}`
  })
  return `M${at(0).map(round).join(' ')}${pieces.join('')}`
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
