import { type Step, STEPS, type StepName } from './steps.ts'

/** Servers as they are known to read a path, step after step. */
export const READERS: Readonly<Record<string, readonly StepName[]>> = {
  'takes it as it comes': [],
  'ignores case': ['lower'],
  'decodes once': ['decode'],
  'decodes once, ignores case': ['decode', 'lower'],
  'decodes twice': ['decode', 'decode'],
  'decodes thrice, resolves dots': ['decode', 'decode', 'decode', 'dots'],
  'decodes, then resolves dots': ['decode', 'dots'],
  'resolves dots, then decodes': ['dots', 'decode'],
  'decodes between two resolutions of dots': ['dots', 'decode', 'slashes', 'dots'],
  Tomcat: ['parameters', 'decode', 'backslashes', 'slashes', 'dots'],
  'decodes, then drops parameters': ['decode', 'parameters', 'dots'],
  'drops all from the first semicolon': ['decode', 'cutAtSemicolon'],
  nginx: ['cutAtQuery', 'decode', 'slashes', 'dots'],
  'nginx before a proxied app that decodes again': ['decode', 'slashes', 'dots', 'decode', 'slashes', 'dots'],
  IIS: ['percentU', 'overlong', 'backslashes', 'slashes', 'dots', 'trailingDots', 'stream', 'lower'],
  'old IIS, decoding twice': ['overlong', 'backslashes', 'dots', 'overlong', 'backslashes', 'dots', 'lower'],
  'a file system of Windows': ['decode', 'backslashes', 'slashes', 'dots', 'stream', 'trailingDots', 'lower'],
  'Windows before dots are resolved': ['decode', 'backslashes', 'trailingDots', 'slashes', 'dots', 'upperThenLower'],
  'Windows, by best fit': ['decode', 'bestFit', 'compatibility', 'backslashes', 'dots', 'lower'],
  'a C program': ['decode', 'cutAtNul', 'slashes', 'dots'],
  'a C program behind a decoder': ['decode', 'decode', 'cutAtNul', 'trim'],
  Rails: ['decode', 'slashes', 'format'],
  'Spring, with suffix patterns': ['parameters', 'decode', 'slashes', 'dots', 'format', 'trim'],
  'negotiates every suffix': ['decode', 'everyFormat', 'lower'],
  'WHATWG URL': ['whatwg'],
  'WHATWG URL after decoding': ['decode', 'whatwg', 'decode'],
  'WHATWG URL before decoding': ['whatwg', 'decode', 'dots'],
  'a form decoder': ['plus', 'decode', 'trim', 'dots'],
  'a form decoder, plus last': ['decode', 'plus', 'trim', 'dots'],
  'an application with one front controller': ['decode', 'slashes', 'dots', 'frontController', 'lower'],
  'a folder with an index page': ['decode', 'slashes', 'dots', 'directoryIndex', 'lower'],
  'normalises Unicode, then resolves dots': ['decode', 'compatibility', 'backslashes', 'dots', 'lower'],
  'resolves dots, then normalises Unicode': ['dots', 'decode', 'lower', 'compatibility', 'lower'],
  'a database with a collation': ['decode', 'format', 'unaccented', 'ignorable', 'trim', 'upperThenLower'],
  'a locale where I is not i': ['decode', 'turkish'],
  'a proxy of absolute targets': ['authority', 'decode', 'dots'],
  'Latin-1': ['latin1', 'backslashes', 'dots', 'trim'],
  'drops controls as browsers do': ['decode', 'controls', 'trimAll', 'backslashes', 'dots'],
}

/** Steps for any order: all but the misreading of the bytes themselves, of which no folding makes sense again. */
const FOLDING = Object.entries<Step>(STEPS).filter(([name]) => name !== 'latin1')

/** How many steps an unknown server may take, in any order, that no reader above takes. */
const ANY_ORDER_DEPTH = 3

/** `/articles/*` and `/members`. */
function isSecret(path: string): boolean {
  return /^\/(?:articles(?:\/.*)?|members\/?)$/s.test(path)
}

const pathOf = (target: string): string => target.split('?', 1)[0] ?? ''

const reads = (steps: readonly StepName[], path: string): boolean =>
  isSecret(steps.reduce((read, step) => STEPS[step](read), path))

/** The readers that take a target for a page that is for sale, by name. */
export function secretReaders(target: string): readonly string[] {
  const path = pathOf(target)
  return Object.entries(READERS).flatMap(([name, steps]) => (reads(steps, path) ? [name] : []))
}

const known = new Map<string, string | undefined>()

/** A reader that takes a target for a page that is for sale, by name or else by its steps. Worked out once for each. */
export function secretReading(target: string): string | undefined {
  if (known.has(target)) return known.get(target)
  const path = pathOf(target)
  const named = Object.entries(READERS).find(([, steps]) => reads(steps, path))
  const reading = named?.[0] ?? firstSecret(path)
  known.set(target, reading)
  return reading
}

/** The fewest steps, in any order, that lead to a secret page. */
function firstSecret(path: string): string | undefined {
  const reached = new Map<string, string>([[path, 'steps: none']])
  let latest = [path]
  for (let depth = 0; depth < ANY_ORDER_DEPTH; depth++) {
    const next: string[] = []
    for (const from of latest) {
      if (isSecret(from)) return reached.get(from)
      for (const [name, step] of FOLDING) {
        const to = step(from)
        if (reached.has(to)) continue
        reached.set(to, `${reached.get(from) ?? ''} > ${name}`)
        next.push(to)
      }
    }
    latest = next
  }
  const secret = latest.find(isSecret)
  return secret === undefined ? undefined : reached.get(secret)
}
