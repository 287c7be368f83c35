import { sessionOptions } from './benchsession.ts'
import { gateAlone } from './gatealone.ts'

export default gateAlone(sessionOptions())
