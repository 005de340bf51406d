package report

import (
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"framepilot/internal/lang"
)

//go:embed page.html.tmpl
var pageText string

//go:embed style.css
var styleText string

// writeHTML writes a page that needs nothing but itself: its policy allows no
// script, no request, and no style and no pictures but those inside.
func writeHTML(w io.Writer, p page) error {
	t, err := template.New("page").Funcs(template.FuncMap{"whole": whole, "say": func(id string) string { return p.words.say(id) }}).Parse(pageText)
	if err != nil {
		panic("report: " + err.Error()) // embedded, so ours
	}
	hash := sha256.Sum256([]byte(styleText))
	return t.Execute(w, struct {
		page
		Lang   lang.Language
		Style  template.CSS
		Policy string
	}{
		p, p.words.language, template.CSS(styleText),
		"default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'",
	})
}

// whole keeps numbers with their signs on one line.
func whole(s string) string { return glue.Replace(s) }

var glue = strings.NewReplacer(" %", "\u00a0%", "–", "\u2060–\u2060")
