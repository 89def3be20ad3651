/** Over https the browser keeps the cookie to this host alone; browsers refuse that name over plain http, which is for loopback only. */
export const cookieNames = { https: '__Host-lifeboat', http: 'lifeboat_session' } as const
