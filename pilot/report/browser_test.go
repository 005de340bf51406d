package report

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"framepilot/internal/lang"
	"framepilot/internal/needed"
	"framepilot/pilot"
)

// browser is the program that opens pages, or skips the test.
func browser(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	needed.Missing(t, "chromium", "not on the path")
	return ""
}

// opened is what a browser did with a page.
type opened struct {
	asked []string // addresses, but the browser's own
	said  string   // on its console
	pages int      // printed
}

func open(t *testing.T, program, page string) opened {
	t.Helper()
	dir := t.TempDir()
	pdf, net := filepath.Join(dir, "report.pdf"), filepath.Join(dir, "net.json")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--user-data-dir="+dir,
		"--disable-background-networking", "--disable-component-update", "--no-first-run", "--log-net-log="+net, "--no-pdf-header-footer",
		"--print-to-pdf="+pdf, "file://"+page)
	var errs bytes.Buffer
	run.Stderr = &errs
	if err := run.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, errs.String())
	}
	var o opened
	for line := range strings.Lines(errs.String()) {
		if strings.Contains(line, "CONSOLE") {
			o.said += line
		}
	}
	log, err := os.ReadFile(net)
	must(t, err)
	own := regexp.MustCompile(`//[a-z0-9.-]*\.(google|googleapis|gvt1)\.com/`)
	for _, url := range regexp.MustCompile(`"url":"(https?:[^"]*)"`).FindAllSubmatch(log, -1) {
		if !own.Match(url[1]) {
			o.asked = append(o.asked, string(url[1]))
		}
	}
	printed, err := os.ReadFile(pdf)
	must(t, err)
	o.pages = len(regexp.MustCompile(`/Type\s*/Page[^s]`).FindAll(printed, -1))
	return o
}

// A browser opens the page, asks for nothing but the file, has nothing to
// complain of, and prints it on as many pages as its text takes.
func TestBrowser(t *testing.T) {
	program := browser(t)
	if testing.Short() {
		t.Skip("takes seconds")
	}
	loud := filepath.Join(t.TempDir(), "loud.html")
	must(t, os.WriteFile(loud, []byte(`<!doctype html><img src="http://asked.invalid/x.png"><script>console.error("said")</script>`), 0o644))
	if o := open(t, program, loud); !strings.Contains(strings.Join(o.asked, " "), "asked.invalid") || o.said == "" || o.pages != 1 {
		t.Fatalf("the test would not notice a page that asks and complains: %+v", o)
	}
	known, err := sampleCase(t, 60).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	for _, c := range []struct {
		dossier     pilot.Dossier
		options     Options
		least, most int // pages
	}{
		{known, Options{Language: lang.Japanese}, 8, 20},
		{known, Options{Audience: Board}, 4, 8},
		{pilot.Dossier{Record: sample()}, Options{}, 6, 16},
	} {
		c.options.Pictures = func(string) ([]byte, bool) { return greyPixel(), true }
		page := filepath.Join(t.TempDir(), "report.html")
		must(t, WriteFile(page, Build(c.dossier, c.options)))
		o := open(t, program, page)
		if len(o.asked) > 0 || o.said != "" {
			t.Errorf("%s, %s: it asks for %v and says %s", c.options.Language, c.options.Audience, o.asked, o.said)
		}
		if o.pages < c.least || o.pages > c.most {
			t.Errorf("%s, %s: %d pages, want %d to %d", c.options.Language, c.options.Audience, o.pages, c.least, c.most)
		}
	}
}

// greyPixel is a JPEG.
func greyPixel() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}
