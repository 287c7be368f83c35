/** What the programs call themselves that unfurl a link in a message or a post. */
const AGENTS =
  /\b(?:facebookexternalhit|Facebot|Slackbot(?:-LinkExpanding)?|Twitterbot|LinkedInBot|Discordbot|WhatsApp|TelegramBot|Mastodon|Pleroma|Misskey|Cardyb|SkypeUriPreview|Iframely|redditbot|Pinterestbot|vkShare|Embedly)\b/i
/** A longer field is not searched. */
const MAX_CHARACTERS = 1024

/** Returns true for the name of a program that unfurls links. Anyone may write it, so it opens nothing. */
export function isUnfurling(agent: string | null): boolean {
  return agent !== null && agent.length <= MAX_CHARACTERS && AGENTS.test(agent)
}
