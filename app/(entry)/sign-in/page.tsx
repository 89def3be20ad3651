import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { SignInForm } from '#components/session/sign-in-form.tsx'
import { currentActor } from '#lib/auth/current-actor.ts'

export const metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { next } = await searchParams
  const path = pathWithin(next)
  if ((await currentActor({ headers: new Headers(await headers()) })) !== null) redirect(path)
  return (
    <>
      <h1 className="m-0 mb-5 text-2xl font-semibold tracking-[-0.02em]">Sign in</h1>
      <SignInForm to={path} />
      <p className="mt-6 text-sm text-ink-2">
        No account? An admin can invite you under Settings. If no admin can sign in any more, make one on the machine itself:{' '}
        <code className="font-mono text-xs">bin/lifeboat user add EMAIL --role admin</code>
      </p>
    </>
  )
}

/** Only a path of this console; anything else leads to the overview. */
function pathWithin(to: string | string[] | undefined): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to)) return '/'
  const here = 'http://console.invalid'
  const url = URL.parse(to, here)
  return url !== null && url.origin === here ? url.pathname + url.search : '/'
}
