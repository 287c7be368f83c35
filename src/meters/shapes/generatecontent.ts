/**
 * The generateContent API of Gemini, whole and as a stream of events.
 *
 * The model is in the path. Every chunk of a stream reports all that was used so far. Thoughts are under the cap and are output, but
 * are counted beside it; what tools of the provider read is input, but is counted beside it.
 */
import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { CounterRequest, ModelApi } from '../llm/provider.ts'
import type { JsonEdit, ModelRequest, OutputFacts, RequestChanges } from '../llm/rules/request.ts'
import type { ServiceTier } from '../llm/rules/tokenusage.ts'
import { createGeminiReader } from './generatecontentreader.ts'
import { camelCase, inCamelCase, readGeminiContent } from './generatecontentparts.ts'
import { geminiTools } from './generatecontenttools.ts'
import { malformed, notSold, objectFrom, RequestMembers, textFrom } from './members.ts'
import { modelIn, modelName, withModel } from './modelpath.ts'
import { countFrom } from './tokencounts.ts'

/** Members of a request, by their names in the documentation. */
const MEMBERS = 'contents systemInstruction tools toolConfig safetySettings generationConfig'.split(' ')
const UNCOUNTED = 'model cachedContent serviceTier store continuationToken'.split(' ')
const CONFIG = new Set(
  `temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty frequencyPenalty seed
  responseMimeType responseSchema responseJsonSchema _responseJsonSchema responseModalities mediaResolution speechConfig
  thinkingConfig audioTranscriptionConfig imageConfig enableEnhancedCivicAnswers`.split(/\s+/),
)

const COUNTED = new Set(['model', 'content', 'outputDimensionality'])

/** The most candidates that the API generates. */
const MOST_CANDIDATES = 8
/** The most tokens of one answer, whatever a model generates in several (`finishReason: CONTINUATION`). */
const MOST_TOKENS = 65_536n
const MOST_UNARY_TOKENS = 32_768n
/** Models that generate in several answers. */
const CONTINUES = /^gemini-4/
/** Models that draw or speak, whether they are asked to or not. */
const DRAWS_OR_SPEAKS = /(?:^|-)(?:image|tts|audio)(?:-|$)/

export const generateContent: ModelApi = {
  name: 'generate',
  members: bothSpellings([...MEMBERS, ...UNCOUNTED]),
  read(body, { path }) {
    const flat = inCamelCase(body)
    const members = new RequestMembers(flat)
    const request = readGenerate(flat, members, path)
    return members.fault === undefined ? ok(request) : err(members.fault)
  },
  edit: (body, changes) => [
    ...modelEdits(body, changes),
    ...capEdits(body, changes),
    ...tierEdits(body, changes),
    ...(objectMember(body, 'store') === true ? [{ path: [spelled(body, 'store')], text: 'false' }] : []),
  ],
  pathFor: withModel,
  counter: (body, model) => ({
    path: counterPath(model),
    body: { generateContentRequest: { ...pick(body, MEMBERS), model: modelName(model) } },
  }),
  countIn: countedTokens,
  reader: createGeminiReader,
}

export const countGeminiTokens: ModelApi = {
  name: 'count_tokens',
  members: bothSpellings(['contents', 'generateContentRequest', 'model']),
  read(body, { path }) {
    const flat = inCamelCase(body)
    const inner = objectFrom(flat['generateContentRequest'])
    if (inner !== undefined && (flat['contents'] ?? null) !== null)
      return err(malformed('"contents" and "generateContentRequest" exclude each other'))
    const request = generateContent.read({ ...flat, ...inner }, { path, query: '' })
    return request.ok ? ok({ ...request.value, isStream: false }) : request
  },
  edit: modelEdits,
  pathFor: withModel,
  countIn: countedTokens,
  reader: createGeminiReader,
}

export const embedContent: ModelApi = {
  name: 'embeddings',
  members: bothSpellings(['model', 'content', 'taskType', 'title', 'outputDimensionality', 'embedContentConfig']),
  read: (body, { path }) => readEmbedding(body, path, 1),
  edit: modelEdits,
  pathFor: withModel,
  counter: (body, model) => contentCounter([body], model),
  countIn: countedTokens,
  reader: createGeminiReader,
}

export const batchEmbedContents: ModelApi = {
  name: 'embeddings',
  members: ['requests', 'model'],
  read: (body, { path }) => readEmbedding(body, path, new RequestMembers(body).objects('requests').length),
  edit: modelEdits,
  pathFor: withModel,
  counter: (body, model) => contentCounter(new RequestMembers(body).objects('requests'), model),
  countIn: countedTokens,
  reader: createGeminiReader,
}

function readGenerate(flat: JsonMembers, members: RequestMembers, path: string): ModelRequest {
  const model = readModel(flat, members, path)
  const content = readGeminiContent(flat)
  if (content.fault !== undefined) members.refuse(content.fault)
  members.flag('store')
  const tools = geminiTools(members, model)
  const isStream = path.includes(':streamGenerateContent')
  return {
    model,
    isStream,
    isUsageAsked: true,
    input: {
      bytes: content.bytes + tools.hiddenBytes,
      media: content.media,
      indirect: content.indirect ?? tools.run[0],
      readings: tools.rounds,
      hasTools: tools.isAny,
    },
    output: { ...readOutput(members, model, isStream), fees: tools.fees },
    tools: tools.run,
    tier: readTier(members),
    writesLongCache: false,
  }
}

function readOutput(members: RequestMembers, model: string, isStream: boolean): Omit<OutputFacts, 'fees'> {
  const config = inCamelCase(members.object('generationConfig') ?? {})
  const unknown = Object.keys(config).find((name) => !CONFIG.has(name))
  if (unknown !== undefined) members.refuse(notSold('"generationConfig" has a member that is not known here'))
  const inner = new RequestMembers(numbersIn(config, ['maxOutputTokens', 'candidateCount']))
  const cap = inner.count('maxOutputTokens', 1)
  const choices = inner.count('candidateCount', 1, MOST_CANDIDATES) ?? 1n
  if (inner.fault !== undefined) members.refuse(inner.fault)
  const most = !isStream && CONTINUES.test(model) ? MOST_UNARY_TOKENS : MOST_TOKENS
  if (isTextOnly(config['responseModalities'], model)) return { cap, choices, leastCap: 1n, most }
  // A picture is not drawn in half: its cap bounds nothing, and cannot be lowered.
  return { cap: undefined, choices, leastCap: most + 1n, most }
}

function isTextOnly(modalities: unknown, model: string): boolean {
  if (DRAWS_OR_SPEAKS.test(model)) return false
  const asked = Array.isArray(modalities)
    ? modalities
    : modalities === undefined || modalities === null
      ? []
      : [modalities]
  return asked.every((modality) => modality === 'TEXT')
}

/** Numbers may be written as strings, as JSON of Protocol Buffers has them. */
function numbersIn(config: JsonMembers, names: readonly string[]): JsonMembers {
  const entries = names.map((name) => {
    const text = textFrom(config[name])
    return [name, text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : (config[name] ?? null)] as const
  })
  return Object.fromEntries(entries)
}

const TIERS: Readonly<Record<string, ServiceTier | undefined>> = {
  unspecified: undefined,
  standard: 'default',
  flex: 'flex',
  priority: 'fast',
}
const SPELLINGS: Readonly<Partial<Record<ServiceTier, string>>> = {
  default: 'standard',
  flex: 'flex',
  fast: 'priority',
}

function readTier(members: RequestMembers): ServiceTier | undefined {
  const asked = members.text('serviceTier')?.toLowerCase()
  if (asked === undefined) return undefined
  if (!Object.hasOwn(TIERS, asked)) members.refuse(notSold('That "serviceTier" is not sold here'))
  return TIERS[asked]
}

function readEmbedding(body: JsonMembers, path: string, readings: number): Result<ModelRequest, Refusal> {
  const flat = inCamelCase(body)
  const members = new RequestMembers(flat)
  const model = readModel(flat, members, path)
  const content = readGeminiContent(flat)
  if (content.fault !== undefined) members.refuse(content.fault)
  if (readings === 0) members.refuse(malformed('"requests" has to be a list of requests'))
  if (members.fault !== undefined) return err(members.fault)
  const { bytes, media, indirect } = content
  return ok({
    model,
    isStream: false,
    isUsageAsked: true,
    input: { bytes, media, indirect, readings, hasTools: false },
    output: { cap: undefined, choices: 0n, leastCap: 1n, fees: {} },
    tools: [],
    tier: undefined,
    writesLongCache: false,
  })
}

/** Returns the model of the path. Where the content names one too, it has to be the same. */
function readModel(flat: JsonMembers, members: RequestMembers, path: string): string {
  const model = modelIn(path) ?? ''
  if (model === '') members.refuse(malformed('The path has to name a model'))
  for (const { name } of namedModels(flat))
    if (name !== modelName(model) && name !== model)
      members.refuse(malformed('"model" has to be the model of the path'))
  return model
}

/** Every place of a content that names the model. */
function namedModels(body: JsonMembers): { readonly path: readonly (string | number)[]; readonly name: unknown }[] {
  const places = [{ path: [] as (string | number)[], object: body as JsonMembers | undefined }]
  const inner = spelled(body, 'generateContentRequest')
  places.push({ path: [inner], object: objectFrom(body[inner]) })
  const requests = body['requests']
  if (Array.isArray(requests))
    requests.forEach((request, index) => places.push({ path: ['requests', index], object: objectFrom(request) }))
  return places.flatMap(({ path, object }) => {
    const name = object?.['model'] ?? null
    return name === null ? [] : [{ path: [...path, 'model'], name }]
  })
}

function modelEdits(body: JsonMembers, { model }: RequestChanges): JsonEdit[] {
  if (model === undefined) return []
  const changed = namedModels(body).filter(({ name }) => name !== modelName(model))
  return changed.map(({ path }) => ({ path, text: JSON.stringify(modelName(model)) }))
}

function capEdits(body: JsonMembers, { cap }: RequestChanges): JsonEdit[] {
  if (cap === undefined) return []
  const config = spelled(body, 'generationConfig')
  const name = spelled(objectFrom(body[config]) ?? {}, 'maxOutputTokens')
  return [{ path: [config, name], text: cap.toString() }]
}

/** The tier is standard unless another one is asked for. */
function tierEdits(body: JsonMembers, { tier }: RequestChanges): JsonEdit[] {
  const name = spelled(body, 'serviceTier')
  const text = tier === undefined ? undefined : SPELLINGS[tier]
  if (text === undefined || (tier === 'default' && !Object.hasOwn(body, name))) return []
  return [{ path: [name], text: JSON.stringify(text) }]
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Returns the spelling of a member in an object; that of the documentation if the object has none. */
function spelled(object: JsonMembers, name: string): string {
  return Object.hasOwn(object, snakeCase(name)) ? snakeCase(name) : name
}

function objectMember(object: JsonMembers, name: string): unknown {
  return object[spelled(object, name)]
}

function bothSpellings(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => [name, snakeCase(name)]))]
}

function pick(body: JsonMembers, names: readonly string[]): JsonMembers {
  const kept = bothSpellings(names)
  return Object.fromEntries(Object.entries(body).filter(([name]) => kept.includes(name)))
}

/** Counts the contents of embeddings, all together. A title or the type of a task may add to each. */
function contentCounter(requests: readonly JsonMembers[], model: string): CounterRequest | undefined {
  if (requests.some((request) => Object.keys(request).some((name) => !COUNTED.has(camelCase(name))))) return undefined
  const contents = requests.map(({ content = null }) => content)
  return { path: counterPath(model), body: { contents } }
}

function counterPath(model: string): string {
  return `/v1beta/models/${encodeURIComponent(model)}:countTokens`
}

function countedTokens(answer: unknown): bigint | undefined {
  return countFrom(objectFrom(answer)?.['totalTokens'])
}
