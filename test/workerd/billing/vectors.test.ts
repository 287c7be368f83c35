// What runs in Node is to run in Workers.
import '../../billing/usage.test.ts'
import '../../billing/vectors.test.ts'
