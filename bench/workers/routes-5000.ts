import { gateAlone } from './gatealone.ts'
import { siteOptions } from './options.ts'

/** The gate alone, of a site with as many routes as the name says. */
export default gateAlone(siteOptions({ routes: 5_000 }))
