// Package report turns the record of a run into a page a manager can read and
// a file a program can: HTML, Markdown, JSON and CSV of one Document.
//
// It states only what the ledger holds: it fits nothing, estimates nothing, and
// a verdict it prints is a recorded one. What it computes are means, spreads and
// counts over recorded results, named as such. The HTML is one file without scripts or
// links. Its charts are a few hundred lines of SVG of our own: with lengths in
// percent they keep their text size from phone to A4, which the fixed canvas
// of a plotting library would not.
package report
