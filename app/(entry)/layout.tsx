import type { ReactNode } from 'react'
import { BrandMark } from '#components/shell/brand.tsx'

/** Before anybody is signed in: one column, nothing else. */
export default function EntryLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[420px] flex-col justify-center px-5 py-12">
      <p className="m-0 mb-6 flex items-center gap-2.5 text-lg font-[650] tracking-[-0.01em]">
        <BrandMark size={26} />
        Lifeboat
      </p>
      {children}
    </main>
  )
}
