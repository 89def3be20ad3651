import { X509Certificate } from 'node:crypto'
import { insertCaCertificate } from '#lib/catalog/databases.ts'
import { listCaCertificates } from '#lib/catalog/views/ca-certificates.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { caCertificateInput } from '#lib/domain/inputs.ts'
import { created } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Certificates that connections may be verified against',
  answers: 'CaCertificateView[]',
  handler: async ({ catalog, actor }) => listCaCertificates(catalog, actor),
})

export const POST = route({
  permission: 'database.write',
  summary: 'Add a CA certificate',
  input: caCertificateInput,
  handler: async ({ catalog, actor, input }) => {
    const fingerprint = fingerprintOf(input.pem)
    const id = await catalog.transaction().execute(async (trx) => {
      const made = await insertCaCertificate(trx, input)
      await note(trx, actor, 'ca_certificate.add', { kind: 'ca_certificate', id: made }, { name: input.name, fingerprint })
      return made
    })
    return created('/api/v1/ca-certificates', { id })
  },
})

function fingerprintOf(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint256
  } catch {
    throw new LifeboatError(
      'usage',
      'That is not a certificate in PEM form.',
      'Nothing was saved. Upload the file that begins with BEGIN CERTIFICATE.',
    )
  }
}
