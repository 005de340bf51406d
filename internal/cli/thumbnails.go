package cli

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"strconv"
	"strings"

	"framepilot/model/video"
	"framepilot/pilot/report"
)

// thumbnailSide is the side of a picture in a report, in pixels.
const thumbnailSide = 168

// thumbnails takes first frames of clips whose files are still where the plan
// in dir had them.
func (a *app) thumbnails(ctx context.Context, dir string) report.Thumbnails {
	return func(clip string) ([]byte, bool) {
		file, start := clipFile(clip)
		c, err := a.decoder.Read(ctx, filepath.Join(dir, filepath.FromSlash(file)), video.Options{
			Recipe: video.Features, Frames: 1, Size: thumbnailSide, Start: start,
		})
		if err != nil || c.Valid == 0 {
			return nil, false
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, firstFrame(c), &jpeg.Options{Quality: 72}); err != nil {
			return nil, false
		}
		return b.Bytes(), true
	}
}

// clipFile is the file of a clip by its id, and where in it the clip starts:
// day/lift.mp4#2.5-7 is at 2.5 s.
func clipFile(id string) (file string, start float64) {
	file, span, ok := cutLast(id, "#")
	if !ok {
		return id, 0
	}
	from, _, ok := strings.Cut(span, "-")
	start, err := strconv.ParseFloat(from, 64)
	if !ok || err != nil {
		return id, 0
	}
	return file, start
}

func cutLast(s, mark string) (before, after string, ok bool) {
	i := strings.LastIndex(s, mark)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(mark):], true
}

func firstFrame(c *video.Clip) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, c.Size, c.Size))
	for i := range c.Size * c.Size {
		img.SetRGBA(i%c.Size, i/c.Size, color.RGBA{c.Pix[3*i], c.Pix[3*i+1], c.Pix[3*i+2], 255})
	}
	return img
}
