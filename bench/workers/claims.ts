export const ISSUER = 'https://billing.example.com'
export const AUDIENCE = 'https://www.example.com'
