import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import solc from 'solc'

const HERE = import.meta.dirname
const CODE = join(HERE, 'Token.hex')

/** Compiles the token's source, and returns the code that stands at its address, as `0x…`. */
export async function compileToken(): Promise<string> {
  const content = await readFile(join(HERE, 'Token.sol'), 'utf8')
  const input = {
    language: 'Solidity',
    sources: { 'Token.sol': { content } },
    settings: {
      evmVersion: 'cancun',
      viaIR: true,
      optimizer: { enabled: true, runs: 1 },
      // Without a hash of the source at its end: a comment changes no code.
      metadata: { appendCBOR: false, bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output
  const faults = output.errors?.filter(({ severity }) => severity === 'error') ?? []
  const code = output.contracts?.['Token.sol']?.['Token']?.evm.deployedBytecode.object
  if (faults.length > 0 || code === undefined) throw new Error(faults.map((one) => one.formattedMessage).join('\n'))
  return `0x${code}`
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Compiled>>>>
}

interface Compiled {
  readonly evm: { readonly deployedBytecode: { readonly object: string } }
}

if (process.argv[1] === import.meta.filename) await writeFile(CODE, `${await compileToken()}\n`)
