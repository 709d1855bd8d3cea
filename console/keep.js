// Saves the page that is shown as one HTML file: its text, tables and charts, without a script and
// without anything that would be loaded from elsewhere. Nothing leaves the browser but the download.
(() => {
  if (window.leadlightKeep) {
    return;
  }
  window.leadlightKeep = true;
  const GONE = 'script,button,iframe,input,textarea,[data-testid="stDownloadButton"],' +
    '[data-testid="stPopover"],[data-testid="stElementToolbar"],[data-testid="stIconMaterial"]';

  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-keep-page]')) {
      download(fileOf(document.querySelector('[data-testid="stMainBlockContainer"]')));
    }
  });

  function fileOf(main) {
    const copy = main.cloneNode(true);
    const drawn = [...main.querySelectorAll('canvas')];
    [...copy.querySelectorAll('canvas')].forEach((canvas, place) => asText(canvas, drawn[place]));
    const typed = [...main.querySelectorAll('input')];
    [...copy.querySelectorAll('input')].forEach((input, place) => asValue(input, typed[place]));
    copy.querySelectorAll(GONE).forEach((one) => one.remove());
    copy.querySelectorAll('details:not([open])').forEach((one) => one.remove()); // not drawn
    copy.querySelectorAll('a[href]').forEach((one) => one.setAttribute('href', one.href));
    const title = document.title.replace(/[<>&]/g, '');
    const colours = getComputedStyle(document.querySelector('[data-testid="stApp"]'));
    const body = `background:${colours.backgroundColor};color:${colours.color};font-family:Arial,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem`;
    return {
      name: `leadlight-${location.pathname.replace(/[^a-z]/g, '') || 'page'}-${new Date().toISOString().slice(0, 10)}.html`,
      html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">` +
        `<style>${styles()}</style></head><body style="${body}">` +
        `<p>Leadlight, ${new Date().toLocaleString()}</p>${copy.outerHTML}</body></html>`,
    };
  }

  // A table is painted; beside the paint lies the same table for those who cannot see it.
  function asText(canvas, drawn) {
    const table = drawn.querySelector('table');
    if (table === null) {
      const picture = document.createElement('img');
      picture.src = drawn.toDataURL();
      picture.alt = 'table';
      canvas.replaceWith(picture);
      return;
    }
    const plain = document.createElement('table');
    plain.className = 'kept';
    table.querySelectorAll('tr').forEach((row) => {
      const line = plain.insertRow();
      row.querySelectorAll('th,td').forEach((cell) => {
        const kept = document.createElement(cell.tagName);
        kept.textContent = cell.textContent;
        line.append(kept);
      });
    });
    const all = Number(table.getAttribute('aria-rowcount') || 0) - 1;
    if (all > plain.rows.length - 1) {
      plain.createCaption().textContent = `The first ${plain.rows.length - 1} of ${all} rows; the page has all of them as CSV.`;
    }
    const grid = canvas.closest('[data-testid="stDataFrame"]') || canvas;
    grid.replaceWith(plain);
  }

  // What was chosen or typed stays as text; a mark of a box or a switch is drawn beside its input.
  function asValue(input, live) {
    if (!['checkbox', 'radio', 'file', 'password'].includes(live.type)) {
      const text = document.createElement('span');
      text.textContent = live.value || live.placeholder;
      input.replaceWith(text);
    }
  }

  // The page's own rules; what would be loaded from an address is left out.
  function styles() {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    const own = rules.map((rule) => rule.cssText).filter((text) => !/url\(|@import|@font-face/.test(text));
    return own.join('\n').replaceAll('</', '<\\/') +
      '[data-stale]{opacity:1!important}' +
      '.kept{border-collapse:collapse;width:100%}.kept th,.kept td{border:1px solid #888;padding:.3rem;text-align:left}';
  }

  function download({ name, html }) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
})();
