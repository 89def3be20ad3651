import { expect, type Page } from '@playwright/test'

const admin = { email: 'ada@example.org', name: 'Ada', password: 'correct horse battery staple' }

/** Signs in as the first admin; makes the account with the one-time link where nobody has yet. Ends on the overview. */
export async function signInAsAdmin(page: Page): Promise<void> {
  await answerPasswordQuestion(page)
  const link = process.env.LIFEBOAT_SETUP_URL ?? ''
  if (link !== '') {
    await page.goto(link)
    const first = page.getByRole('heading', { name: 'Make the first account' })
    if (
      await first
        .or(page.getByRole('heading', { name: 'does not work any more' }))
        .waitFor()
        .then(() => first.isVisible())
    ) {
      await page.getByLabel('E-mail').fill(admin.email)
      await page.getByLabel('Name').fill(admin.name)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Make the first account' }).click()
      await expectSignedIn(page)
      return
    }
  }
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(admin.email)
  await page.getByLabel('Password').fill(admin.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expectSignedIn(page)
}

/** On a slow machine five minutes pass between signing in and an act that overwrites: the question is answered as a person would. */
async function answerPasswordQuestion(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Type your password again' })
  await page.addLocatorHandler(dialog, async () => {
    await dialog.getByRole('textbox', { name: 'Your password' }).fill(admin.password)
    await dialog.getByRole('button', { name: 'Go on' }).click()
  })
}

async function expectSignedIn(page: Page): Promise<void> {
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Databases' })).toBeVisible()
}
