/**
 * Reads what Python has pickled (protocol 4), and runs nothing of it. Names of an allow-list alone are accepted, and each
 * becomes an object that says how it would have been made; whoever reads it knows what the parts mean.
 */

/** What a pickle would have made by calling something: nothing is called. */
export class Made {
  readonly name: string
  readonly from: readonly Pickled[]
  state: Pickled = null

  constructor(name: string, from: readonly Pickled[]) {
    this.name = name
    this.from = from
  }
}

export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Made
  | Name
  | readonly Pickled[]
  | ReadonlyMap<Pickled, Pickled>

/** A class or function, by its name alone. */
export interface Name {
  readonly name: string
}

/** Reads one pickle. Throws if it has an instruction or a name that is not known. */
export function readPickle(bytes: Uint8Array, names: ReadonlySet<string>): Pickled {
  return new PickleReader(bytes, names).read()
}

const MARK = Symbol('mark')

type Stacked = Pickled | typeof MARK

class PickleReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #names: ReadonlySet<string>
  readonly #stack: Stacked[] = []
  readonly #memo: Pickled[] = []
  #at = 0

  constructor(bytes: Uint8Array, names: ReadonlySet<string>) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#names = names
  }

  read(): Pickled {
    for (;;) {
      const code = this.#number(1)
      if (code === STOP) return this.#pop()
      const instruction = this.#instructions[code]
      if (instruction === undefined) throw new Error(`an instruction that is not known: ${code}, at ${this.#at - 1}`)
      instruction()
    }
  }

  readonly #instructions: Readonly<Record<number, () => void>> = {
    0x80: () => void this.#number(1),
    0x95: () => void this.#take(8),
    0x28: () => void this.#stack.push(MARK),
    0x4e: () => this.#push(null),
    0x88: () => this.#push(true),
    0x89: () => this.#push(false),
    0x4b: () => this.#push(this.#number(1)),
    0x4d: () => this.#push(this.#number(2)),
    0x4a: () => this.#push(this.#number(4) | 0),
    0x8c: () => this.#push(this.#text(this.#number(1))),
    0x58: () => this.#push(this.#text(this.#number(4))),
    0x43: () => this.#push(this.#take(this.#number(1))),
    0x42: () => this.#push(this.#take(this.#number(4))),
    0x5d: () => this.#push([]),
    0x29: () => this.#push([]),
    0x7d: () => this.#push(new Map()),
    0x94: () => void this.#memo.push(this.#top()),
    0x68: () => this.#push(this.#known(this.#number(1))),
    0x6a: () => this.#push(this.#known(this.#number(4))),
    0x74: () => this.#push(this.#popMarked()),
    0x85: () => this.#push(this.#popMany(1)),
    0x86: () => this.#push(this.#popMany(2)),
    0x87: () => this.#push(this.#popMany(3)),
    0x61: () => this.#append([this.#pop()]),
    0x65: () => this.#append(this.#popMarked()),
    0x73: () => this.#set(this.#popMany(2)),
    0x75: () => this.#set(this.#popMarked()),
    0x93: () => this.#name(),
    0x52: () => this.#make(),
    0x81: () => this.#make(),
    0x62: () => this.#build(),
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error('it ends early')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  #number(length: 1 | 2 | 4): number {
    const at = this.#at
    this.#take(length)
    if (length === 1) return this.#view.getUint8(at)
    return length === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true)
  }

  #text(length: number): string {
    return new TextDecoder().decode(this.#take(length))
  }

  #push(value: Pickled): void {
    this.#stack.push(value)
  }

  #top(): Pickled {
    const top = this.#stack.at(-1)
    if (top === undefined || top === MARK) throw new Error('nothing is on the stack')
    return top
  }

  #pop(): Pickled {
    const top = this.#top()
    this.#stack.pop()
    return top
  }

  #popMany(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.#pop()).reverse()
  }

  #popMarked(): Pickled[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) throw new Error('no mark is on the stack')
    const [, ...values] = this.#stack.splice(at) as [typeof MARK, ...Pickled[]]
    return values
  }

  #known(index: number): Pickled {
    const known = this.#memo[index]
    if (known === undefined) throw new Error(`nothing was kept as ${index}`)
    return known
  }

  #append(values: readonly Pickled[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) throw new Error('what is appended to is no list')
    for (const value of values) list.push(value)
  }

  #set(entries: readonly Pickled[]): void {
    const map = this.#top()
    if (!(map instanceof Map)) throw new Error('what is added to is no dictionary')
    for (let at = 0; at < entries.length; at += 2) map.set(entries[at], entries[at + 1])
  }

  #name(): void {
    const [module, own] = this.#popMany(2)
    if (typeof module !== 'string' || typeof own !== 'string') throw new Error('a name that is no text')
    const name = `${module}.${own}`
    if (!this.#names.has(name)) throw new Error(`a name that is not allowed: ${name}`)
    this.#push({ name })
  }

  #make(): void {
    const [of, from] = this.#popMany(2)
    if (!isName(of) || !Array.isArray(from)) throw new Error('what is called is no name')
    this.#push(new Made(of.name, from))
  }

  #build(): void {
    const [made, state] = this.#popMany(2)
    if (!(made instanceof Made)) throw new Error('what has a state was not made')
    made.state = state ?? null
    this.#push(made)
  }
}

const STOP = 0x2e

function isName(value: Pickled | undefined): value is Name {
  return typeof value === 'object' && value !== null && 'name' in value && !(value instanceof Made)
}
