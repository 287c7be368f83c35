/** Paths that name a model: `/v1beta/models/gemini-x:generateContent`. */
const MODEL_PATH = /^(\/v1(?:beta)?\/models\/)([^/:?]+)(:[A-Za-z]+)/

/** Returns the model that a path names. */
export function modelIn(path: string): string | undefined {
  const name = MODEL_PATH.exec(path)?.[2]
  try {
    return name === undefined ? undefined : decodeURIComponent(name)
  } catch {
    return undefined
  }
}

/** Returns a path for another model. */
export function withModel(path: string, model: string): string {
  return path.replace(
    MODEL_PATH,
    (_, before: string, _model, after: string) => `${before}${encodeURIComponent(model)}${after}`,
  )
}

/** Returns the name of a model as contents have it. */
export function modelName(model: string): string {
  return `models/${model}`
}
