import type { MessageContent } from '#lib/domain/watch/message.ts'
import { absolute } from './links.ts'

const slackHosts = new Set(['hooks.slack.com', 'hooks.slack-gov.com'])

export function isSlackHost(url: string): boolean {
  return URL.canParse(url) && slackHosts.has(new URL(url).hostname) && new URL(url).protocol === 'https:'
}

const tones = { critical: 'Critical', warning: 'Warning', good: 'Good', info: 'Info' } satisfies Record<MessageContent['tone'], string>
const signs = { critical: '🔴', warning: '🟠', good: '🟢', info: '🔵' } satisfies Record<MessageContent['tone'], string>

// Slack: at most 50 blocks, 150 characters in a header, 3000 in a section
const headerChars = 150
const sectionChars = 2_900
const partsAtMost = 40

/**
 * The body of an incoming webhook. What names and errors say stands in `plain_text` where Slack has it, and escaped everywhere else, so nothing in
 * it can mention, link or format.
 */
export function slackBody(content: MessageContent, baseUrl: string | null): Record<string, unknown> {
  const title = `${signs[content.tone]} ${content.title}`
  const shown = content.parts.slice(0, partsAtMost)
  const hidden = content.parts.length - shown.length
  const href = absolute(content.href, baseUrl)
  return {
    // for notifications and readers of screens; Slack reads it as mrkdwn
    text: slackText(`${tones[content.tone]}: ${content.title}. ${content.lead}`).slice(0, sectionChars),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, headerChars), emoji: false } },
      ...(content.lead === '' ? [] : [{ type: 'section', text: { type: 'plain_text', text: cut(content.lead, sectionChars), emoji: false } }]),
      ...shown.map((part) => ({ type: 'section', text: { type: 'mrkdwn', text: partText(part, baseUrl), verbatim: true } })),
      ...(hidden > 0 ? [{ type: 'section', text: { type: 'plain_text', text: `And ${hidden} more, in the console.`, emoji: false } }] : []),
      ...(href === null ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: `<${href}|Open in Lifeboat>`, verbatim: true } }]),
    ],
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping: these three, as entities, and nothing is markup any more. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function partText(part: MessageContent['parts'][number], baseUrl: string | null): string {
  const href = absolute(part.href, baseUrl)
  // marks that would set it in another face, and the bar that would end a link's label, are left out of headings
  const heading = slackText(part.heading.replaceAll(/[*_~`|\n]/g, ' ')).trim() || 'Details'
  const first = href === null ? `*${heading}*` : `*<${href}|${heading}>*`
  const lines = part.lines.map(slackText)
  let text = first
  for (const [at, line] of lines.entries()) {
    const next = `${text}\n${line}`
    if (next.length > sectionChars) return `${text}\nAnd ${lines.length - at} more lines, in the console.`
    text = next
  }
  return text
}

/** Cut between characters as people see them. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (kept.length + segment.length > most - 1) break
    kept += segment
  }
  return `${kept}…`
}
