package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
)

// A report is what the ledger says, in every format, language and audience,
// also after the journal went on.
func TestVerify(t *testing.T) {
	l := sampleCase(t, 40)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	_, err = l.Promote(t.Context(), "line 3", "K. Sato")
	must(t, err)
	_, err = l.Note(t.Context(), "line 3", "K. Sato", "42 more")
	must(t, err)
	pictures := func(clip string) ([]byte, bool) { return []byte("picture of " + clip), true }
	for _, format := range allFormats {
		for _, o := range []Options{{}, {Language: lang.Japanese, Audience: Board}, {Redact: true}, {Language: lang.Japanese, Pictures: pictures}} {
			file, err := render(format, Build(known, o))
			must(t, err)
			v, err := Verify(t.Context(), l, format, file)
			if err != nil || !v.OK() || v.Numbers < 50 {
				t.Errorf("%s, %+v: %d numbers, %v, %v", format, o, v.Numbers, v.Differences, err)
			}
		}
	}
}

// One digit changed, anywhere in the file, is caught.
func TestVerifyCatchesEveryDigit(t *testing.T) {
	l := sampleCase(t, 30)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	for _, format := range []Format{HTML, Markdown, JSON, CSV} {
		file, err := render(format, Build(known, Options{Audience: Board, Pictures: func(string) ([]byte, bool) { return []byte{1, 2, 3, 4, 5, 6}, true }}))
		must(t, err)
		digits, step := 0, 1
		if testing.Short() {
			step = 17
		}
		// The whole of Verify for some; for every digit the part of it that
		// needs no ledger.
		for i, c := range file {
			if c < '0' || c > '9' {
				continue
			}
			digits++
			bad := bytes.Clone(file)
			bad[i] = '0' + (c-'0'+1+byte(digits%9))%10
			if sealed(bad) {
				t.Errorf("%s: the digit at byte %d is not under the seal", format, i)
			}
			if digits%(293*step) != 0 {
				continue
			}
			if v, err := Verify(t.Context(), l, format, bad); err == nil && v.OK() {
				t.Errorf("%s: the digit at byte %d was changed and nobody noticed: %s", format, i, around(file, []int{i, i + 1}))
			}
		}
		if digits < 500 {
			t.Errorf("%s holds %d digits only", format, digits)
		}
	}
}

// Who renews the hash as well still has the ledger against him, and is told
// what the number should be.
func TestVerifyComputesAgain(t *testing.T) {
	l := sampleCase(t, 40)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	for _, format := range []Format{HTML, Markdown, JSON, CSV} {
		file, err := render(format, Build(known, Options{}))
		must(t, err)
		at := numberPattern.FindAllIndex(withoutSeal(file), -1)
		looks := style.FindAllIndex(file, -1)
		for i := 0; i < len(at); i += max(1, len(at)/20) {
			if slices.ContainsFunc(looks, func(s []int) bool { return s[0] <= at[i][0] && at[i][0] < s[1] }) {
				continue // under the hash alone
			}
			bad := bytes.Clone(file)
			if bad[at[i][0]]++; bad[at[i][0]] > '9' {
				bad[at[i][0]] = '1'
			}
			mark := bytes.LastIndex(bad, []byte("sha256"))
			start := mark + bytes.IndexAny(bad[mark+6:], "0123456789abcdef") + 6
			copy(bad[start:], unsealed)
			v, err := Verify(t.Context(), l, format, seal(bad))
			if err == nil && (v.OK() || !strings.Contains(v.Differences[0], "should be") && !strings.Contains(v.Differences[0], "ledger")) {
				t.Errorf("%s: %s was changed: %v", format, file[at[i][0]:at[i][1]], v.Differences)
			}
		}
	}
}

func TestVerifyWorkbook(t *testing.T) {
	l := sampleCase(t, 40)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	file, err := workbook(Build(known, Options{}))
	must(t, err)
	cells, err := readSheets(file)
	must(t, err)
	tried := 0
	for _, s := range cells {
		for i, at := range s.at {
			text := s.text[at]
			digit := strings.IndexAny(text, "0123456789")
			if digit < 0 || i%8 != 0 {
				continue
			}
			f, err := excelize.OpenReader(bytes.NewReader(file))
			must(t, err)
			bad := text[:digit] + string('0'+(text[digit]-'0'+1)%10) + text[digit+1:]
			if formula, ok := strings.CutPrefix(bad, "="); ok {
				must(t, f.SetCellFormula(s.name, at, formula))
			} else {
				must(t, f.SetCellStr(s.name, at, bad))
			}
			changed, err := f.WriteToBuffer()
			must(t, err)
			tried++
			if v, err := Verify(t.Context(), l, XLSX, changed.Bytes()); err == nil && v.OK() {
				t.Errorf("sheet %s, cell %s: %q was changed to %q and nobody noticed", s.name, at, text, bad)
			}
		}
	}
	if tried < 12 {
		t.Errorf("only %d cells were tried", tried)
	}
}

// What is no report, or of another ledger, is said to be so.
func TestVerifyRefuses(t *testing.T) {
	l := sampleCase(t, 30)
	other, err := pilot.Open(t.Context(), pilot.Memory)
	must(t, err)
	defer other.Close()
	for _, format := range allFormats {
		if _, err := Verify(t.Context(), l, format, []byte("no report")); fault.KindOf(err) != fault.Input {
			t.Errorf("%s: %v", format, err)
		}
		known, err := l.Dossier(t.Context(), sampleRun, "")
		must(t, err)
		file, err := render(format, Build(known, Options{}))
		must(t, err)
		if _, err := Verify(t.Context(), other, format, file); fault.KindOf(err) != fault.Input {
			t.Errorf("%s of another ledger: %v", format, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	l := sampleCase(f, 30)
	known, err := l.Dossier(f.Context(), sampleRun, "")
	must(f, err)
	for i, format := range allFormats {
		file, err := render(format, Build(known, Options{Audience: Board}))
		must(f, err)
		f.Add(byte(i), file)
	}
	f.Fuzz(func(t *testing.T, i byte, file []byte) {
		if v, err := Verify(t.Context(), l, allFormats[int(i)%len(allFormats)], file); err == nil && v.OK() && v.Numbers == 0 {
			t.Error("an empty report is right")
		}
	})
}
