import { NewPasswordForm } from '#components/session/new-password-form.tsx'
import { SetUpForm } from '#components/session/set-up-form.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { readSetupLink } from '#lib/auth/setup-link.ts'
import { catalog } from '#lib/catalog/pool.ts'

export const metadata = { title: 'Set up', referrer: 'no-referrer' as const }

export default async function SetUpPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { token } = await searchParams
  const link = typeof token === 'string' ? await readSetupLink(catalog(), token) : null
  if (link === null || typeof token !== 'string') {
    return (
      <>
        <h1 className="m-0 mb-2 text-2xl font-semibold tracking-[-0.02em]">This link does not work any more</h1>
        <p className="m-0 mb-5 text-ink-2">
          It was used, has expired, or was replaced by a newer one. Nothing was changed. While there is no account, every{' '}
          <code className="font-mono text-xs">npm start</code> prints a fresh link; afterwards an admin can make you one under Settings.
        </p>
        <div>
          <LinkButton href="/sign-in">Sign in</LinkButton>
        </div>
      </>
    )
  }
  if (link.purpose === 'password') {
    return (
      <>
        <h1 className="m-0 mb-2 text-2xl font-semibold tracking-[-0.02em]">Choose a new password</h1>
        <p className="m-0 mb-5 text-ink-2">Every session of this account ends, and the old password stops working.</p>
        <NewPasswordForm token={token} email={link.email ?? ''} />
      </>
    )
  }
  const first = link.purpose === 'first_admin'
  return (
    <>
      <h1 className="m-0 mb-2 text-2xl font-semibold tracking-[-0.02em]">{first ? 'Make the first account' : 'Join this Lifeboat'}</h1>
      <p className="m-0 mb-5 text-ink-2">
        {first
          ? 'It is an admin: it can add databases and storages, restore, and invite people.'
          : 'You were invited. Choose how you are called, and a password.'}
      </p>
      <SetUpForm token={token} email={link.email} />
    </>
  )
}
