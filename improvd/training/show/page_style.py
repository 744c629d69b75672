"""How the pages about models and voices look. They are white: they are printed, too."""

STYLE = """\
  * { box-sizing: border-box; }
  body { margin: 0; background: #f4f6f7; color: var(--ink);
         font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
  h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -.01em; }
  h2 { font-size: 18px; margin: 0 0 2px; }
  p { margin: 0 0 12px; color: var(--soft); max-width: 78ch; }
  section { background: #fff; border: 1px solid var(--line); border-radius: 12px;
            padding: 20px 24px; margin-top: 20px; min-width: 0; }
  .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr));
           gap: 12px; margin-top: 20px; }
  .facts div { background: #fff; border: 1px solid var(--line); border-radius: 12px;
               padding: 14px 16px; }
  .facts b { display: block; font-size: 26px; line-height: 1.2;
             font-variant-numeric: tabular-nums; }
  .facts span, td small { color: var(--soft); font-size: 13px; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
  section svg { display: block; max-width: 100%; height: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); }
  th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
  tr:last-child td { border-bottom: 0; }
  td.n, th.n { text-align: right; white-space: nowrap; }
  .out { color: #b3261e; font-weight: 600; }
  .key i { display: inline-block; width: 18px; height: 8px; border-radius: 4px;
           margin: 0 6px 0 14px; }
  code { background: #eef1f3; border-radius: 5px; padding: 2px 6px; color: var(--ink); }
  section svg.track { width: 100%; max-width: 240px; }
  @media (max-width: 800px) { .pair { grid-template-columns: 1fr; } }
  @media (max-width: 640px) {
    main { padding: 20px 10px 40px; }
    section { padding: 14px 12px; }
    /* Four figures fit a phone's width; the strip goes under them, as wide as the page. */
    .measures { font-size: 13px; }
    .measures tr { display: grid; grid-template-columns: 1fr 4em 8em 8em; padding: 6px 0;
                   border-bottom: 1px solid var(--line); }
    .measures th, .measures td { border: 0; padding: 0 0 0 6px; }
    .measures td:first-child, .measures th:first-child { padding-left: 0; }
    .measures td:last-child { grid-column: 1 / -1; padding: 4px 0 0; }
    .measures td small { display: none; }
    .measures svg.track { max-width: none; }
  }"""
