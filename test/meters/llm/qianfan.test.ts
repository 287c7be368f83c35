import { qianfanProvider } from '../../../src/meters/qianfan.ts'
import { chat, chatUsage } from './apis/chat.ts'
import { embeddings } from './apis/texts.ts'
import { holdProviderToContract } from './provider.contract.ts'
import { json } from './shapes.ts'

const NOT_THERE = new Set(
  `audio function_call functions logit_bias modalities moderation prediction prompt_cache_key prompt_cache_options
  prompt_cache_retention safety_identifier service_tier store verbosity web_search_options`.split(/\s+/),
)
const others = Object.fromEntries(Object.entries(chat.others).filter(([name]) => !NOT_THERE.has(name)))
const answer = { id: 'as-1', model: 'ernie-5.0', choices: [], usage: chatUsage(9, 4, {}, { reasoning_tokens: 3 }) }
const used = { tokens: { input: 9n, output: 4n }, model: 'ernie-5.0' }

holdProviderToContract({
  provider: qianfanProvider,
  open: {
    'POST /v2/chat/completions': 'metered',
    'POST /v1/chat/completions': 'metered',
    'POST /v2/embeddings': 'metered',
    'GET /v2/models': 'models',
  },
  closed: `POST /v2/images/generations|POST /v2/ai_search/chat/completions|POST /v2/app/conversation|POST /v2/rerank
    POST /v2/files|POST /v2/batches|POST /v3/chat/completions`.split(/\s*[|\n]\s*/),
  apis: [
    {
      ...chat,
      path: '/v2/chat/completions',
      others: { ...others, ...json({ enable_thinking: true, penalty_score: 1, repetition_penalty: 1, top_k: 5 }) },
      refused: [
        ['a file', { messages: [{ role: 'user', content: [{ type: 'file', file_id: 'f1' }] }] }, 'not-for-sale'],
        ['absurdly many choices', { n: 1e9 }, 'request-malformed'],
      ],
      answers: [['reasoning', answer, used]],
      streams: [
        {
          what: 'an error of the older kind',
          events: [{ error_code: 18, error_msg: 'Open api qps request limit reached' }],
          kinds: 'e',
          used: undefined,
        },
      ],
    },
    { ...embeddings, path: '/v2/embeddings', others: { encoding_format: 'float', user: 'u' } },
  ],
})
