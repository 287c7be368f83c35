import { openaiProvider } from '../../../src/meters/openai.ts'
import { chat } from './apis/chat.ts'
import { images, speech } from './apis/media.ts'
import { compact, inputTokens, responses } from './apis/responses.ts'
import { completions, embeddings } from './apis/texts.ts'
import { holdProviderToContract } from './provider.contract.ts'

holdProviderToContract({
  provider: openaiProvider,
  open: {
    'POST /v1/chat/completions': 'metered',
    'POST /v1/responses': 'metered',
    'POST /v1/responses/compact': 'metered',
    'POST /v1/completions': 'metered',
    'POST /v1/embeddings': 'metered',
    'POST /v1/images/generations': 'metered',
    'POST /v1/audio/speech': 'metered',
    'POST /v1/responses/input_tokens': 'counter',
    'POST /v1/moderations': 'free',
    'GET /v1/models': 'models',
    'GET /v1/models/gpt-4o': 'models',
    'GET /v1/models/org%2Fmodel': 'models',
  },
  closed: `POST /v1/images/edits|POST /v1/images/variations|POST /v1/audio/transcriptions|POST /v1/audio/translations
    GET /v1/responses|GET /v1/responses/resp_1|DELETE /v1/responses/resp_1|POST /v1/responses/resp_1/cancel
    GET /v1/responses/resp_1/input_items|GET /v1/chat/completions|GET /v1/chat/completions/chatcmpl-1|DELETE /v1/models/ft-1
    POST /v1/batches|POST /v1/files|POST /v1/uploads|POST /v1/videos|POST /v1/conversations|POST /v1/assistants|POST /v1/threads
    POST /v1/containers|POST /v1/vector_stores|GET /v1/organization/costs|POST /v1/realtime/sessions|GET /v1/realtime
    POST /v1/live/sessions|POST /v1/decisions|POST /v1/agents|POST /v1/fine_tuning/jobs|POST /chat/completions|POST /v2/chat/completions
    POST /v1/chat/completions/chatcmpl-1|GET /v1/models/%E0%A4%A|GET /v1/models/`.split(/\s*[|\n]\s*/),
  apis: [chat, responses, compact, inputTokens, completions, embeddings, images, speech],
})
