/** What the console's service worker keeps: the files of the page itself, by their content; never an answer of the gateway. */
export interface Shell {
  /** The hash of all that is kept: another build is another shell. */
  version: string
  page: string
  files: readonly string[]
}

const NAME = 'hibachi-console-'

export class ShellCache {
  readonly name: string

  constructor(
    private readonly shell: Shell,
    private readonly origin: string,
    private readonly caches: CacheStorage,
    private readonly ask: (request: Request | string) => Promise<Response>,
  ) {
    this.name = NAME + shell.version
  }

  /** All or nothing: half a shell is none. */
  async fill(): Promise<void> {
    const cache = await this.caches.open(this.name)
    await cache.addAll([this.shell.page, ...this.shell.files].map(path => new Request(path, { cache: 'no-cache' })))
  }

  /** Where signing out emptied it, it is filled again by the next who signs in. */
  async refill(): Promise<void> {
    if (!(await this.caches.has(this.name))) await this.fill()
  }

  /** Let go of what other builds kept; `all`: of this one's too. */
  async forget(all = false): Promise<void> {
    const names = (await this.caches.keys()).filter(name => name.startsWith(NAME))
    await Promise.all(names.filter(name => all || name !== this.name).map(name => this.caches.delete(name)))
  }

  /** The answer to a request that is the page's own; null: none of ours, the browser asks by itself. */
  answer(request: Request): Promise<Response> | null {
    const { origin, pathname } = new URL(request.url)
    if (request.method !== 'GET' || origin !== this.origin) return null
    if (request.mode === 'navigate') return pathname === this.shell.page ? this.newest(request) : null
    return this.shell.files.includes(pathname) ? this.kept(request, pathname) : null
  }

  /** The gateway's page, so that a new build is there at once; the kept one while the gateway is away. */
  private async newest(request: Request): Promise<Response> {
    let answer: Response | null = null
    try {
      answer = await this.ask(request)
      if (answer.status < 500) return answer
    } catch {
      // No connection: below.
    }
    return (await this.find(this.shell.page)) ?? answer ?? Response.error()
  }

  /** A file's name holds its hash, or it is as good as the build that it came with. */
  private async kept(request: Request, path: string): Promise<Response> {
    return (await this.find(path)) ?? this.ask(request)
  }

  private find(path: string): Promise<Response | undefined> {
    return this.caches.match(path, { cacheName: this.name })
  }
}
