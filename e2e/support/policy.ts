import type { Page } from '@playwright/test'

declare global {
  interface Window {
    policyViolations?: string[]
  }
}

/** Collects what the content security policy refused, and what the page's own scripts threw. */
export async function watchPage(page: Page): Promise<{ problems: () => Promise<string[]> }> {
  const thrown: string[] = []
  page.on('pageerror', (error) => thrown.push(`thrown: ${error.message}`))
  await page.addInitScript(() => {
    window.policyViolations = []
    document.addEventListener('securitypolicyviolation', (event) => {
      window.policyViolations?.push(`refused by ${event.effectiveDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`)
    })
  })
  return { problems: async () => [...thrown, ...((await page.evaluate(() => window.policyViolations)) ?? [])] }
}
