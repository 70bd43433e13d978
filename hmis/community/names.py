"""Names and streets of people who do not exist.

First names are ordinary, last names mostly made up, so that no pair names somebody known. Some carry what
names carry in life and what matching must bear: accents, apostrophes, hyphens, blanks.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEMALE_FIRST: tuple[str, ...] = _words(
    """
    Abigail Adaeze Aisha Alejandra Alma Amara Anh Annika Araceli Ashanti Ayaan Beatriz Bernadette Bianca
    Birgit Brenda Bridget Camila Carmen Catherine Chantal Charlene Clarissa Consuelo Cordelia Dalia
    Danielle Darlene Deborah Delphine Denise Dolores Dorothy Edith Eileen Elena Elizabeth Eloise Esperanza
    Estelle Ewa Fadumo Farida Fatima Felicity Florence Francine Gabriela Genevieve Gloria Graciela Greta
    Gwendolyn Hadley Halima Hannah Harriet Hazel Henrietta Ifeoma Imani Ingrid Irene Isadora Jacqueline
    Jasmine Jemima Jeanette Joanna Josephine Joyce Juanita Judith Kalinda Katherine Keisha Khadija Lakshmi
    Latoya Leilani Leticia Linh Lorraine Lucinda Mabel Magdalena Malia Margaret Mariam Marisol Maya Mei
    Mercedes Mireille Nadia Naomi Natalia Nayeli Niamh Ofelia Oksana Pamela Patricia Paloma Philippa
    Priscilla Rachel Ramona Rebecca Renée Rosalind Ruth Sabine Samantha Saoirse Serena Shanice Sofía
    Svetlana Tamika Teresa Thandiwe Theodora Tomasa Ursula Valeria Veronica Victoria Wanda Wilhelmina
    Ximena Yasmin Yolanda Yuki Zainab Zelda Zoë
    """
)

MALE_FIRST: tuple[str, ...] = _words(
    """
    Abdirahman Adrian Ahmad Alasdair Alejandro Alexander Alonzo Amadou Ambrose Andre Anthony Antoine
    Arturo Augustus Barnaby Benjamin Bernard Boris Calvin Carlos Cedric Chidi Christopher Clarence Clifton
    Cornelius Dae-jung Damian Daniel Darnell Demetrius Desmond Diego Dmitri Donovan Duane Edmund Eduardo
    Efrain Elias Emeka Emmanuel Enrique Ernest Esteban Ezekiel Fabian Felix Fernando Fitzgerald Frederick
    Gerald Gideon Gregory Guillermo Hamza Harold Hassan Hector Henrik Herbert Hiroshi Horace Hugo Ibrahim
    Ignacio Isaiah Ivan Jamal Jedidiah Jeremiah Joaquín Jonathan José Joseph Kareem Kenneth Khalil Kofi
    Kwame Lamar Leopold Leroy Lionel Lorenzo Lucius Malik Manuel Marcus Mateo Matthew Maurice Melvin
    Michael Milo Moses Nathaniel Nikolai Octavio Olumide Omar Orlando Oscar Otis Pascal Patrick Percival
    Phillip Quentin Rafael Raymond Reginald Ricardo Robert Roderick Rolando Rufus Salvador Samuel Santiago
    Sebastian Sergei Seymour Silas Solomon Stanislav Stephen Tariq Terrence Thaddeus Theodore Timothy
    Tobias Tomás Tyrone Ulysses Vernon Vicente Vincent Wallace Wendell William Xavier Yusuf Zachary
    Zebulon
    """
)

LAST: tuple[str, ...] = (
    *_words(
        """
    Abernash Adeyanka Alderbrook Almanzor Ambervale Anquetil Ardmoor Arellanez Ashgrove Asterfield
    Baldizón Banderwick Barrowin Batangel Belloway Benavidar Birchwater Blakenridge Boatenga Bontrager
    Bracewater Brindlow Brookhaven Bustalante Byrdsong Calderwell Camposano Cardenaz Carrowmore Castellar
    Chandrapal Chaudhar Chimboraz Clearwater Coldbrook Corrigall Cottonmill Crowhurst Dalgaard Danquer
    Delgadano Demirelli Diallonde Dombrova Dovetree Duartez Dunmarrow Ebersohl Echeverel Eastbrook
    Ekwuemar Elderwick Enriquel Escamillo Espinel Everglade Fairwater Farrowdale Fernbrook Figueral
    Finchley Fitzallan Fontanez Foxworthy Galvaniz Garrowby Gethinall Gildersleeve Glasswright
    Grantham-Oyo Greenholt Grimaldez Guerrand Hallowell Hanamoor Harrowgate Haskelby Heatherly Hernandal
    Hidalguez Hollowood Hoxhaj Ibarrando Ikwuako Inglewood Ironside Jaramillan Jaxtheimer Jimenaz Kaewsang
    Kalinowska Karimova Kasongo Kealohano Kerrigold Kilbrennan Kimathi Kowalenko Kurosawe Lachlanby
    Lanternby Larkspur Laurenzo Leatherwood Lindqvist Lobatón Longacre Lowenthal Luntungan Machadez
    Mallorine Mapleton Marchbanks Marroquel Mbekwe Meadowlark Melgarez Mendozal Merriwether Millbrand
    Mirandel Moonwater Moralejo Mossgrove Mwangale Nakamuri Narvaezo Netherby Nevarro Norwell Núñezal
    Nwosuru Oakhollow Obregano Okonvale Okparal Olatunde Oysterbank Ormsby-Tran Ortegal Ouédraogol
    Overstreet Padillan Palomar Paravel Pemberlow Penhallow Pettibone Pham-Larsen Pinecrest Piszczek
    Plumtree Polanque Prendergal Quillfeather Quintanor Quispella Rademaker Ramirel Ravenhall Redfeather
    Rensfield Reyesal Riverstone Robledan Rosewarne Rumblelow Saavedran Saltmarsh Sandovar Sarkisyan
    Sepulvar Shadowen Silverthorn Solorzan Southerly Standingbear Stonecypher Sutherlane Svobodar
    Swiftwater Tamboura Tanakori Tatumvale Teklehaym Thistlewood Thornquist Tillinghast Toivonen Torresal
    Treadwater Trujillan Tsosienne Underhay Urquidel Valdovino Vandermeer-Ito Vantreight Velasquan
    Venkatara Villaroel Vossberg Wainwrite Wakahisa Waterstone Weatherbee Westergaard Whitlocke Wildermuth
    Winterbourne Woldemar Woodsong Xiongwa Yarborel Yellowhorse Yevtushok Ysidoro Zamoral Zavalan
    Zellerbach Zubiriar
    """
    ),
    "O'Dellan",
    "O'Carrick",
    "D'Amboise-Reed",
    "De la Vera",
    "Van der Holt",
    "St. Orrin",
    "El-Haddar",
    "Mac Ruadhán",
    "Del Rosarión",
    "Bin Yaqoub",
)

# What somebody is called at a food pantry's door, where nobody asks for papers.
NICKNAMES: dict[str, str] = {
    "Abigail": "Abby",
    "Alejandra": "Ale",
    "Alejandro": "Alex",
    "Alexander": "Alex",
    "Anthony": "Tony",
    "Augustus": "Gus",
    "Beatriz": "Bea",
    "Benjamin": "Ben",
    "Bernard": "Bernie",
    "Catherine": "Cathy",
    "Christopher": "Chris",
    "Cornelius": "Neil",
    "Daniel": "Dan",
    "Danielle": "Dani",
    "Deborah": "Debbie",
    "Dorothy": "Dot",
    "Edmund": "Ned",
    "Eduardo": "Lalo",
    "Elizabeth": "Liz",
    "Emmanuel": "Manny",
    "Enrique": "Kike",
    "Ezekiel": "Zeke",
    "Florence": "Flo",
    "Frederick": "Fred",
    "Gabriela": "Gaby",
    "Gerald": "Gerry",
    "Gregory": "Greg",
    "Guillermo": "Memo",
    "Gwendolyn": "Gwen",
    "Harriet": "Hattie",
    "Henrietta": "Etta",
    "Ignacio": "Nacho",
    "Jacqueline": "Jackie",
    "Jonathan": "Jon",
    "Joseph": "Joe",
    "Josephine": "Josie",
    "José": "Pepe",
    "Judith": "Judy",
    "Katherine": "Kathy",
    "Kenneth": "Ken",
    "Leticia": "Lety",
    "Lucinda": "Lucy",
    "Magdalena": "Magda",
    "Manuel": "Manny",
    "Margaret": "Peggy",
    "Matthew": "Matt",
    "Michael": "Mike",
    "Nathaniel": "Nate",
    "Pamela": "Pam",
    "Patricia": "Patty",
    "Patrick": "Pat",
    "Phillip": "Phil",
    "Priscilla": "Cilla",
    "Rafael": "Rafa",
    "Raymond": "Ray",
    "Rebecca": "Becky",
    "Reginald": "Reggie",
    "Ricardo": "Rick",
    "Robert": "Bob",
    "Roderick": "Rod",
    "Samantha": "Sam",
    "Samuel": "Sam",
    "Santiago": "Santi",
    "Sebastian": "Seb",
    "Solomon": "Sol",
    "Stephen": "Steve",
    "Teresa": "Tere",
    "Terrence": "Terry",
    "Theodora": "Dora",
    "Theodore": "Ted",
    "Timothy": "Tim",
    "Valeria": "Vale",
    "Veronica": "Ronnie",
    "Victoria": "Vicky",
    "Vincent": "Vince",
    "Wilhelmina": "Mina",
    "William": "Bill",
    "Zachary": "Zach",
}

STREET_NAMES: tuple[str, ...] = _words(
    """
    Anchor Beacon Bellwether Birchrow Boathouse Cannery Capstan Chandler Coppergate Driftwood Ferryman
    Foundry Gangway Granary Gullwing Halyard Harborview Heron Keelson Lamplight Lanternfish Lighthouse
    Lockkeeper Mainsail Marlinspike Millrace Mooring Netloft Orchardway Outrigger Packet Pilothouse
    Quayside Ropewalk Sailmaker Seawall Shipwright Slipway Tidewater Towpath Wharfinger Windlass
    """
)
STREET_KINDS: tuple[str, ...] = ("St", "Ave", "Ln", "Rd", "Ct", "Way")

# A town that is on no map. ZIP codes of the 001 area are not in use, so no letter can go anywhere.
CITY = "Port Ellery"
STATE = "OH"
ZIPS: tuple[str, ...] = ("00101", "00102", "00103", "00104")
