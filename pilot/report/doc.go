// Package report turns what the ledger knows of a run and its pilot into a page
// a meeting decides on and files programs read: HTML, Markdown, XLSX, JSON and
// CSV of one Document, in English and Japanese.
//
// It states only what the ledger holds: it fits nothing, estimates nothing, and
// a verdict it prints is a recorded one. What it computes are means, spreads and
// counts over recorded results, named as such; what it picks out (figures,
// risk, failures) it picks by a rule it names. Every file says what it was made
// from, and Verify makes it again. The HTML is one file without scripts or
// links. Its charts are a few hundred lines of SVG of our own: with lengths in
// percent they keep their text size from phone to A4, which the fixed canvas
// of a plotting library would not.
package report
