import { blocks } from './blocks.ts'
import { bread } from './bread.ts'
import { chart } from './chart.ts'
import { crane } from './crane.ts'
import { ferry } from './ferry.ts'
import { gulls } from './gulls.ts'
import { seagrass } from './seagrass.ts'
import { theatre } from './theatre.ts'

const DRAWN = { blocks, bread, chart, crane, ferry, gulls, seagrass, theatre }

export type PictureName = keyof typeof DRAWN

/** Returns the picture as SVG; undefined if there is none of the name. */
export function pictureOf(name: string): string | undefined {
  return isPicture(name) ? DRAWN[name]() : undefined
}

function isPicture(name: string): name is PictureName {
  return Object.hasOwn(DRAWN, name)
}
