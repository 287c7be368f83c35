import { reset } from 'cloudflare:test'
import { afterAll } from 'vitest'

// All files run in one isolate, and none finds what another has stored.
afterAll(reset)
