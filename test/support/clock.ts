import { afterEach, vi } from 'vitest'

// No test sees a second pass, unless it says so: two that are taken one after the other are the same.
const NOW = Math.floor(Date.now() / 1000) * 1000

function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
}

stopClock()
afterEach(stopClock)
