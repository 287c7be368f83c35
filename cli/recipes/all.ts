import { ghost } from './ghost.ts'
import type { Recipe } from './recipe.ts'
import { wordpress } from './wordpress.ts'

/** The recipes, by the name that `init --origin` takes. */
export const RECIPES: Readonly<Record<string, Recipe>> = { wordpress, ghost }
