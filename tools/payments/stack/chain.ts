import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { createWalletClient, http, parseAbi, parseSignature, type PrivateKeyAccount, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { baseSepolia } from 'viem/chains'
import { PAY_TO, USDC } from './names.ts'

/** The keys that every anvil has: published ones, worth nothing. */
export const FACILITATOR = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
export const PAYER = privateKeyToAccount('0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a')

export const TOKEN = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
  'function mint(address, uint256)',
  'function transferWithAuthorization(address, address, uint256, uint256, uint256, bytes32, bytes)',
  'function cancelAuthorization(address, bytes32, uint8, bytes32, bytes32)',
])

const EVENTS = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
])

const READY_SECONDS = 20
/** anvil's safe block is 32 behind the last. */
const SAFE_BLOCKS = '0x60'
const UNITS = 1_000_000_000n

/** An authorization of EIP-3009 as wires have it. */
export interface SignedTransfer {
  readonly signature: `0x${string}`
  readonly authorization: {
    readonly from: `0x${string}`
    readonly to: `0x${string}`
    readonly value: string
    readonly validAfter: string
    readonly validBefore: string
    readonly nonce: `0x${string}`
  }
}

export interface Chain {
  readonly url: string
  readonly client: ReturnType<typeof walletOf>
  readonly mint: (to: `0x${string}`, units: bigint) => Promise<void>
  readonly balance: (of: `0x${string}`) => Promise<bigint>
  /** What the payee has received since the chain began. */
  readonly received: () => Promise<bigint>
  /** What reached the payee by authorizations, by their nonces. */
  readonly moved: () => Promise<ReadonlyMap<string, bigint>>
  /** Whether the token has seen this nonce, used or cancelled. */
  readonly used: (from: `0x${string}`, nonce: `0x${string}`) => Promise<boolean>
  /** The payer takes an authorization back. */
  readonly cancel: (payer: PrivateKeyAccount, nonce: `0x${string}`) => Promise<void>
  /** The payer uses a nonce for a transfer of their own. */
  readonly spend: (payer: PrivateKeyAccount, to: `0x${string}`, units: bigint, nonce: `0x${string}`) => Promise<void>
  /** Somebody who has seen an authorization brings it to the chain. Returns the hash of the transaction. */
  readonly submit: (signed: SignedTransfer) => Promise<`0x${string}`>
  /** Has blocks follow until all that stands in the chain is `safe`. */
  readonly mineUntilSafe: () => Promise<void>
  /** Remembers the chain. What came after is gone when the function that is returned is called, as by a reorganisation. */
  readonly snapshot: () => Promise<() => Promise<void>>
  readonly stop: () => Promise<void>
}

/** Starts a chain of its own that stands for Base Sepolia, on which `PAYER` has a thousand dollars. */
export async function startChain(): Promise<Chain> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(anvil(), ['--port', String(port), '--chain-id', String(baseSepolia.id), '--silent'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const stop = async () => {
    end()
    await ended
    process.off('exit', end)
  }
  try {
    await answering(url, child)
    const code = (await readFile(join(import.meta.dirname, '../token/Token.hex'), 'utf8')).trim()
    await rpc(url, 'anvil_setCode', [USDC, code])
    const chain = chainOf(url, stop)
    await chain.mint(PAYER.address, UNITS)
    return chain
  } catch (error) {
    await stop()
    throw error
  }
}

/** In seconds since 1970: later than any test. */
const ALWAYS = String(2n ** 64n)
const DOMAIN = { name: 'USDC', version: '2', chainId: baseSepolia.id, verifyingContract: USDC } as const

const TRANSFER = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

function chainOf(url: string, stop: () => Promise<void>): Chain {
  const client = walletOf(url)
  const token = { address: USDC, abi: TOKEN } as const
  const balance = (of: `0x${string}`) => client.readContract({ ...token, functionName: 'balanceOf', args: [of] })
  const mined = async (hash: `0x${string}`) => {
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`the chain refused ${hash}`)
  }
  const transfer = async ({ signature, authorization }: SignedTransfer) => {
    const { from, to, value, validAfter, validBefore, nonce } = authorization
    const args = [from, to, BigInt(value), BigInt(validAfter), BigInt(validBefore), nonce, signature] as const
    const functionName = 'transferWithAuthorization'
    const hash = await client.writeContract({ ...token, account: PAYER, functionName, args })
    await mined(hash)
    return hash
  }
  return {
    url,
    client,
    balance,
    received: () => balance(PAY_TO),
    moved: () => movedOn(client),
    used: (from, nonce) => client.readContract({ ...token, functionName: 'authorizationState', args: [from, nonce] }),
    mint: async (to, units) =>
      mined(await client.writeContract({ ...token, account: PAYER, functionName: 'mint', args: [to, units] })),
    spend: async (...spent) => void (await transfer(await signTransfer(...spent))),
    submit: transfer,
    cancel: async (payer, nonce) => {
      const signature = await payer.signTypedData({
        domain: DOMAIN,
        types: {
          CancelAuthorization: [
            { name: 'authorizer', type: 'address' },
            { name: 'nonce', type: 'bytes32' },
          ],
        },
        primaryType: 'CancelAuthorization',
        message: { authorizer: payer.address, nonce },
      })
      const { r, s, yParity } = parseSignature(signature)
      const args = [payer.address, nonce, yParity + 27, r, s] as const
      await mined(await client.writeContract({ ...token, account: PAYER, functionName: 'cancelAuthorization', args }))
    },
    ...blocksOf(url),
    stop,
  }
}

/** A transfer of its payer's own, good for ever. */
async function signTransfer(...[payer, to, value, nonce]: Parameters<Chain['spend']>): Promise<SignedTransfer> {
  const message = { from: payer.address, to, value, validAfter: 0n, validBefore: BigInt(ALWAYS), nonce }
  const types = { TransferWithAuthorization: TRANSFER }
  const signature = await payer.signTypedData({
    domain: DOMAIN,
    types,
    primaryType: 'TransferWithAuthorization',
    message,
  })
  return { signature, authorization: { ...message, value: String(value), validAfter: '0', validBefore: ALWAYS } }
}

function blocksOf(url: string): Pick<Chain, 'mineUntilSafe' | 'snapshot'> {
  return {
    mineUntilSafe: async () => void (await rpc(url, 'anvil_mine', [SAFE_BLOCKS])),
    snapshot: async () => {
      const id = await rpc(url, 'evm_snapshot', [])
      return async () => {
        if ((await rpc(url, 'evm_revert', [id])) !== true) throw new Error('the chain went on as it was')
      }
    },
  }
}

async function movedOn(client: Chain['client']): Promise<ReadonlyMap<string, bigint>> {
  const logs = await client.getLogs({ address: USDC, events: EVENTS, fromBlock: 0n, toBlock: 'latest', strict: true })
  const units = new Map<string, bigint>()
  for (const { eventName, transactionHash, args } of logs)
    if (eventName === 'Transfer' && args.to === PAY_TO) units.set(transactionHash, args.value)
  const moved = new Map<string, bigint>()
  for (const { eventName, transactionHash, args } of logs)
    if (eventName === 'AuthorizationUsed')
      moved.set(args.nonce, (moved.get(args.nonce) ?? 0n) + (units.get(transactionHash) ?? 0n))
  return moved
}

/** The facilitator's wallet, which also reads. */
function walletOf(url: string) {
  return createWalletClient({
    account: FACILITATOR,
    chain: baseSepolia,
    transport: http(url),
    pollingInterval: 20,
  }).extend(publicActions)
}

/** The program itself: the package's own command needs a script that is run at installation. */
function anvil(): string {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string]
  const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const name = `@foundry-rs/anvil-${system}-${cpu}/package.json`
  return join(dirname(createRequire(import.meta.url).resolve(name)), 'bin/anvil')
}

/**
 * anvil takes no port 0. Below 32768, as the kernel gives none of those to whoever asks for any: two that look here at once
 * meet rarely, and the second then fails to start.
 */
async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const probe = createServer()
  const free = await new Promise<boolean>((done) => {
    probe.once('error', () => done(false))
    probe.listen(port, '127.0.0.1', () => done(true))
  })
  if (!free) return freePort()
  await new Promise((done) => probe.close(done))
  return port
}

/** Asks until the chain answers; its own end or the time limit ends the asking. */
async function answering(url: string, child: ChildProcess): Promise<void> {
  const complaints: string[] = []
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line))
  const before = performance.now() + READY_SECONDS * 1000
  while (performance.now() < before && child.exitCode === null) {
    const id = await rpc(url, 'eth_chainId', []).catch(() => undefined)
    if (id === `0x${baseSepolia.id.toString(16)}`) return
    await pause(20)
  }
  throw new Error(`anvil did not start: ${complaints.join('\n')}`)
}

async function rpc(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}
