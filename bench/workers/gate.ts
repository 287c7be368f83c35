import { gateAlone } from './gatealone.ts'
import { siteOptions } from './options.ts'

export default gateAlone(siteOptions())
