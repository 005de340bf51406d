package report

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
)

var allFormats = []Format{HTML, Markdown, JSON, CSV, XLSX}

// Both languages hold the same numbers in the same order, digit by digit.
func TestLanguagesHoldTheSameNumbers(t *testing.T) {
	known, err := sampleCase(t, 60).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	few := pilot.Dossier{Record: fewRecord()}
	pictures := func(clip string) ([]byte, bool) { return []byte("picture of " + clip), true }
	for what, d := range map[string]pilot.Dossier{"case": known, "run": {Record: sample()}, "few clips": few, "many classes": {Record: manyClasses(70)}} {
		for _, audience := range []Audience{Engineer, Board} {
			for _, redacted := range []bool{false, true} {
				for _, format := range allFormats {
					var digits [2][]string
					for i, l := range both {
						file, err := render(format, Build(d, Options{Language: l, Audience: audience, Redact: redacted, Pictures: pictures}))
						must(t, err)
						digits[i] = numbersOf(t, format, file)
					}
					if len(digits[0]) < 10 || !slices.Equal(digits[0], digits[1]) {
						for i := range min(len(digits[0]), len(digits[1])) {
							if digits[0][i] != digits[1][i] {
								t.Errorf("%s, %s, %s: number %d is %s in English, %s in Japanese; before: %v", what, audience, format, i, digits[0][i], digits[1][i], digits[0][max(0, i-6):i])
								break
							}
						}
						t.Errorf("%s, %s, %s: %d numbers in English, %d in Japanese", what, audience, format, len(digits[0]), len(digits[1]))
					}
				}
			}
		}
	}
}

// numbersOf are the numbers of a file without its source line.
func numbersOf(t *testing.T, format Format, file []byte) []string {
	if format != XLSX {
		return numberPattern.FindAllString(html.UnescapeString(string(withoutSeal(file))), -1)
	}
	cells, err := readSheets(file)
	must(t, err)
	var all []string
	for _, s := range cells[:len(cells)-1] {
		for _, at := range s.at {
			all = append(all, numberPattern.FindAllString(s.text[at], -1)...)
		}
	}
	return all
}

// Nothing that the program says is left in English in a Japanese report.
func TestJapaneseIsWhole(t *testing.T) {
	for _, audience := range []Audience{Engineer, Board} {
		d := caseDocument(t, 60, Options{Language: lang.Japanese, Audience: audience})
		data := strings.ToLower(write(t, JSON, d))
		for _, words := range regexp.MustCompile(`[A-Za-z][a-z]{2,}(?: [a-z]{2,})+`).FindAllString(write(t, Markdown, d), -1) {
			if !strings.Contains(data, strings.ToLower(words)) {
				t.Errorf("%s: %q is not from the ledger", audience, words)
			}
		}
	}
}

// A plan that learns from every site says so in the reader's language, and
// what people named stays as they wrote it where a line begins with it.
func TestNamesStayAndWordsDoNot(t *testing.T) {
	known, err := sampleCase(t, 60).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	for i := range known.Record.Results {
		if r := &known.Record.Results[i]; r.Method != pilot.ZeroShot {
			r.TrainSite = pilot.AllSites
		}
	}
	for language, c := range map[lang.Language]struct{ want, never string }{
		lang.English:  {"trained on all sites", "**Linear probe"},
		lang.Japanese: {"学習：全拠点", "all sites"},
	} {
		text := write(t, Markdown, Build(known, Options{Language: language, Audience: Engineer}))
		if !strings.Contains(text, c.want) || strings.Contains(text, c.never) {
			t.Errorf("%s: without %q or with %q", language, c.want, c.never)
		}
	}
}

// A picture is shown to those who may see it, and to nobody else.
func TestRedaction(t *testing.T) {
	known, err := sampleCase(t, 60).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	pictures := func(clip string) ([]byte, bool) { return []byte("picture of " + clip), true }
	for _, format := range allFormats {
		open, err := render(format, Build(known, Options{Pictures: pictures}))
		must(t, err)
		redacted, err := render(format, Build(known, Options{Redact: true, Pictures: pictures}))
		must(t, err)
		for _, secret := range []string{"cam_0", "cam2_0031", "/home/sato", "/data/night", "data:image/jpeg"} {
			if leaks(t, format, redacted, secret) {
				t.Errorf("%s: the redacted report holds %q", format, secret)
			}
		}
		if format == JSON && !leaks(t, format, open, "cam_0") {
			t.Error("the test would not notice a clip's name")
		}
		again, err := render(format, Build(known, Options{Redact: true}))
		must(t, err)
		if !bytes.Equal(redacted, again) && format != XLSX {
			t.Errorf("%s: names given for clips are not stable", format)
		}
	}
	if open := write(t, HTML, Build(known, Options{Pictures: pictures})); !strings.Contains(open, "data:image/jpeg") {
		t.Error("no pictures where they may be seen")
	}
}

func leaks(t *testing.T, format Format, file []byte, secret string) bool {
	if format != XLSX {
		return bytes.Contains(file, []byte(secret))
	}
	cells, err := readSheets(file)
	must(t, err)
	for _, s := range cells {
		for _, text := range s.text {
			if strings.Contains(text, secret) {
				return true
			}
		}
	}
	return false
}

// The board is told less, never otherwise.
func TestAudience(t *testing.T) {
	all, board := caseDocument(t, 60, Options{}), caseDocument(t, 60, Options{Audience: Board})
	of := func(d Document) (ids []string) {
		for _, s := range layout(d).Sections {
			ids = append(ids, s.ID)
		}
		return ids
	}
	for _, id := range of(board) {
		if !slices.Contains(of(all), id) {
			t.Errorf("only the board is told %s", id)
		}
	}
	if slices.Contains(of(board), "made") || !slices.Contains(of(board), "gates") || !slices.Contains(of(all), "made") {
		t.Errorf("board %v, engineer %v", of(board), of(all))
	}
}
