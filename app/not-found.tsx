import { LinkButton } from '#components/ui/button.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main className="mx-auto max-w-[640px] px-5 py-16">
      <h1 className="m-0 text-2xl font-semibold tracking-[-0.02em]">There is nothing at this address</h1>
      <p className="mt-2 mb-5 text-ink-2">What stood here may have been removed, or you may not have access to it. Nothing was changed.</p>
      <LinkButton href="/">Go to the overview</LinkButton>
    </main>
  )
}
