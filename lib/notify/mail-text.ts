import type { MessageContent } from '#lib/domain/watch/message.ts'
import { absolute } from './links.ts'

/** A mail's three texts: subject in one line, plain text, and HTML that is the same with every character of content escaped. */
export function mailText(content: MessageContent, baseUrl: string | null): { subject: string; text: string; html: string } {
  const href = absolute(content.href, baseUrl)
  const text = [
    content.title,
    content.lead,
    ...content.parts.map((part) => {
      const link = absolute(part.href, baseUrl)
      return [part.heading, ...part.lines.map((line) => `  ${line}`), ...(link === null ? [] : [`  ${link}`])].join('\n')
    }),
    href === null ? null : `Open in Lifeboat: ${href}`,
  ]
  return {
    subject: `[Lifeboat] ${content.title.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')}`.slice(0, 250),
    text: `${text.filter((one) => one !== null && one !== '').join('\n\n')}\n`,
    html: page(content, baseUrl, href),
  }
}

const colours = { critical: '#b42318', warning: '#93500a', good: '#1a6b3c', info: '#1d4f91' } satisfies Record<MessageContent['tone'], string>

function page(content: MessageContent, baseUrl: string | null, href: string | null): string {
  const parts = content.parts.map((part) => {
    const link = absolute(part.href, baseUrl)
    const heading = link === null ? html(part.heading) : `<a href="${html(link)}">${html(part.heading)}</a>`
    return `<h2 style="font-size:15px;margin:20px 0 4px">${heading}</h2>${part.lines.map((line) => `<p style="margin:2px 0">${html(line)}</p>`).join('')}`
  })
  return [
    '<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#16202a;background:#fff">',
    `<h1 style="font-size:19px;color:${colours[content.tone]}">${html(content.title)}</h1><p>${html(content.lead)}</p>`,
    ...parts,
    href === null ? '' : `<p style="margin-top:24px"><a href="${html(href)}">Open in Lifeboat</a></p>`,
    '</body></html>',
  ].join('\n')
}

export function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}
