/** Base Sepolia's own: of its tokens @x402/fetch pays with this alone. */
export const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
export const PAY_TO = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const NETWORK = 'eip155:84532'
/** The EIP-712 domain in which its authorizations are signed. */
export const USDC_DOMAIN = { name: 'USDC', version: '2' }
/** What a gate's requirements say of the time for a payment. */
export const TIMEOUT_SECONDS = 300
