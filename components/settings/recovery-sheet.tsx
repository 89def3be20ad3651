'use client'

import { Download, Printer } from 'lucide-react'
import { useEffect } from 'react'
import { BrandMark } from '#components/shell/brand.tsx'
import { Button } from '#components/ui/button.tsx'
import { Problem } from '#components/ui/problem.tsx'
import type { RecoveryKeyPair } from '#lib/client/recovery-key-pair.ts'
import type { RecoverySheetView } from '#lib/domain/views.ts'
import { formatUtc } from '#lib/domain/units.ts'

/** The sheet for the safe: printed, it is the only thing on the page. Leaving without saving it asks first. */
export function RecoverySheet({ pair, sheet }: { pair: RecoveryKeyPair; sheet: RecoverySheetView }) {
  useEffect(() => {
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [])
  const made = formatUtc(new Date())
  return (
    <>
      <div className="no-print">
        <Problem
          tone="warn"
          alert
          title="This sheet is shown once. Print it before you leave this page."
          action={
            <>
              <Button variant="primary" icon={<Printer aria-hidden />} onPress={() => window.print()}>
                Print the recovery sheet
              </Button>
              <Button icon={<Download aria-hidden />} onPress={() => download(pair, sheet)}>
                Save it as a file
              </Button>
            </>
          }
        >
          Keep it away from this machine, where few can reach it: whoever holds it and a backup can read your data. A file belongs on a medium that
          you take out.
        </Problem>
      </div>
      <article aria-label="Recovery sheet" className="rounded-[10px] border border-line bg-[#fff] p-6 text-[#14202a] sm:p-9 print:border-0 print:p-0">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h2 className="m-0 flex items-center gap-2.5 text-xl font-semibold">
            <BrandMark /> Lifeboat recovery sheet
          </h2>
          <span className="text-sm">{made}</span>
        </div>
        <p className="mt-2 mb-0 text-sm">
          With this sheet and a copy of a backup, the data comes back without Lifeboat and without the machine that it ran on. Lifeboat ran at{' '}
          <code className="font-mono">{window.location.origin}</code>.
        </p>
        <dl className="mt-4 mb-0 grid gap-3 text-sm">
          <Entry term="Check code">
            <strong className="font-mono text-lg tracking-[0.12em]">{pair.checkSha256.slice(0, 8)}</strong>{' '}
            <span>type this back into Lifeboat to show that the sheet is saved</span>
          </Entry>
          <Entry term="Recovery key">
            <code className="font-mono">{pair.keyId}</code>
          </Entry>
          <Entry term="SHA-256 of lifeboat-rescue-v1.mjs">
            <code className="font-mono [overflow-wrap:anywhere]">
              {sheet.rescueScriptSha256 ?? 'not known on this machine: compare with a copy from a release of Lifeboat'}
            </code>
          </Entry>
        </dl>
        <ol className="mt-4 mb-0 list-decimal pl-5 text-sm">
          <li>
            Fetch the backup’s directory and lifeboat-rescue-v1.mjs from the storage. Compare the script’s SHA-256 with the one above; do not run
            another.
          </li>
          <li>Type or scan the private key into recovery.pem, the signing key into signing.pem.</li>
          <li>
            <code className="font-mono [overflow-wrap:anywhere]">
              node lifeboat-rescue-v1.mjs restore BACKUP --key-file recovery.pem --public-key signing.pem --into NAME
            </code>
          </li>
          <li>RECOVERY.md beside the script says more. It needs Node 22.15 or later, and pg_restore.</li>
        </ol>
        <Pem title="Private recovery key (recovery.pem). Secret." text={pair.privatePem} />
        <Pem
          title="Signature’s public key (signing.pem). Not secret."
          text={sheet.signingPublicPem ?? 'not known yet: start a worker, then make the key again'}
        />
      </article>
    </>
  )
}

function Entry({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="grid gap-x-4 sm:grid-cols-[220px_minmax(0,1fr)]">
      <dt className="text-[#4b5b68]">{term}</dt>
      <dd className="m-0">{children}</dd>
    </div>
  )
}

function Pem({ title, text }: { title: string; text: string }) {
  return (
    <section className="mt-4 break-inside-avoid">
      <h3 className="m-0 text-sm font-semibold">{title}</h3>
      <pre
        tabIndex={0}
        aria-label={title}
        className="m-0 mt-1 overflow-x-auto rounded-md border border-[#cfd6da] p-3 font-mono text-[11.5px]/[1.45] text-[#000] print:border-0 print:p-0 print:break-all print:whitespace-pre-wrap"
      >
        {text}
      </pre>
    </section>
  )
}

function download(pair: RecoveryKeyPair, sheet: RecoverySheetView): void {
  const text = [
    'Lifeboat recovery sheet',
    `Made: ${new Date().toISOString()}`,
    `Check code: ${pair.checkSha256.slice(0, 8)}`,
    `Recovery key: ${pair.keyId}`,
    `SHA-256 of lifeboat-rescue-v1.mjs: ${sheet.rescueScriptSha256 ?? 'not known'}`,
    '',
    'Private recovery key (recovery.pem). Secret.',
    pair.privatePem,
    "Signature's public key (signing.pem). Not secret.",
    sheet.signingPublicPem ?? 'not known yet',
    '',
  ].join('\n')
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = `lifeboat-recovery-sheet-${pair.keyId}.txt`
  anchor.click()
  URL.revokeObjectURL(url)
}
