/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  typedRoutes: false,
  // npm test checks the types of the whole repository; a second check here would make every first start slower
  typescript: { ignoreBuildErrors: true },
  // resolved by Node at run time: they load native parts or worker files by path
  serverExternalPackages: ['pg', 'pg-boss', 'kysely', 'pino', 'better-auth', 'nodemailer'],
  distDir: process.env.LIFEBOAT_NEXT_DIR ?? '.next',
}
