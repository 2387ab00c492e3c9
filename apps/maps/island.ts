// The island of the places.

import "./island/page";
