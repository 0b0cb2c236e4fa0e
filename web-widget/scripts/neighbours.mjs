// What a page loads for other chats, gzip, with where the figure is from. Measured or read in 2026 unless it says otherwise.
export const NEIGHBOURS = [
  { name: 'Papercups wrapper', kb: '7.6', source: "package's file; an iframe with its app comes on top" },
  { name: 'deep-chat 2.4.2', kb: '108', source: "package's bundle" },
  { name: 'Crisp', kb: '130', source: 'help.crisp.chat, "Will Crisp slow down" (about)' },
  { name: 'Tidio', kb: '150-250', source: 'store-vitals.com, 2026-05 (not gzip)' },
  { name: 'Chatwoot', kb: '170', source: 'transfer, chatwoot#2658 (2021); its own limit today: 300 + 40' },
  { name: 'Botpress webchat 4.5.2', kb: '175-229', source: "package's umd and esm bundles" },
  { name: 'Typebot 0.10.7', kb: '192', source: "package's web.js" },
  { name: 'rasa-webchat 1.0.1', kb: '206', source: "package's bundle" },
  { name: 'Intercom messenger', kb: '300-500', source: 'store-vitals.com, 2026-05 (not gzip)' },
  { name: 'n8n chat 1.37.0', kb: '444', source: "package's bundle; 98 more in chunks" },
  { name: 'Chainlit copilot 2.12.0', kb: '2435', source: "package's copilot/dist/index.js" },
]
